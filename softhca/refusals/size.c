/* SPDX-License-Identifier: BSD-3-Clause */
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#include "queue/sq.h"
#include "refusals/size.h"

#define INLINE_HEADER  4u
/* Segments of a send WQE. That of Ethernet with the longest inline header. */
#define CONTROL	       16u
#define ETHERNET       32u
#define ADDRESS	       48u
#define REMOTE	       16u
#define ATOMIC	       16u
/* To bind a memory window: control, context and data of a key. */
#define WINDOW	       (48u + 64u + 64u)

#define RDMA                                                                                       \
	(IBV_QP_EX_WITH_RDMA_WRITE | IBV_QP_EX_WITH_RDMA_WRITE_WITH_IMM |                          \
		IBV_QP_EX_WITH_RDMA_READ)
#define ATOMICS (IBV_QP_EX_WITH_ATOMIC_CMP_AND_SWP | IBV_QP_EX_WITH_ATOMIC_FETCH_AND_ADD)
#define WINDOWS (IBV_QP_EX_WITH_BIND_MW | IBV_QP_EX_WITH_LOCAL_INV)

static uint32_t
align(uint32_t value, uint32_t to)
{
	return (value + to - 1) / to * to;
}

static uint32_t
connected_overhead(uint64_t operations)
{
	if ((operations & WINDOWS) != 0)
		return CONTROL + WINDOW;
	if ((operations & ATOMICS) != 0)
		return CONTROL + REMOTE + ATOMIC;
	return (operations & RDMA) != 0 ? CONTROL + REMOTE : CONTROL;
}

uint32_t
soft_send_overhead(const struct ibv_qp_init_attr_ex *attr)
{
	bool named = (attr->comp_mask & IBV_QP_INIT_ATTR_SEND_OPS_FLAGS) != 0;

	switch (attr->qp_type) {
	case IBV_QPT_RAW_PACKET:
		return CONTROL + ETHERNET;
	case IBV_QPT_UD:
		return CONTROL + ADDRESS;
	default:
		return connected_overhead(named ? attr->send_ops_flags : WINDOWS);
	}
}

enum hca_rule
soft_send_size(struct soft_send_size *size, const struct ibv_qp_init_attr_ex *attr,
	const struct hca_model *model)
{
	const struct ibv_qp_cap *cap = &attr->cap;
	uint32_t overhead = soft_send_overhead(attr), wqe, inlined = 0, bytes;

	*size = (struct soft_send_size){0};
	if (cap->max_send_wr == 0)
		return HCA_RULE_NONE;
	if (cap->max_send_sge > (model->send_wqe - overhead) / HCA_SEGMENT)
		return HCA_RULE_QP_SEND_SGE;
	if (cap->max_inline_data > model->send_wqe)
		return HCA_RULE_QP_INLINE;
	if (cap->max_inline_data != 0)
		inlined = align(INLINE_HEADER + cap->max_inline_data, HCA_SEGMENT);
	if (overhead + inlined > model->send_wqe)
		return HCA_RULE_QP_INLINE;
	wqe = cap->max_send_sge * HCA_SEGMENT;
	wqe = align(overhead + (inlined > wqe ? inlined : wqe), HCA_WQEBB);
	if (cap->max_send_wr > INT_MAX / model->send_wqe)
		return HCA_RULE_QP_SEND_BYTES;
	bytes = soft_power_of_two(cap->max_send_wr * wqe);
	if (bytes / HCA_WQEBB > model->queue)
		return HCA_RULE_QP_SEND_WR;
	*size = (struct soft_send_size){
		.wqebbs = bytes / HCA_WQEBB,
		.requests = bytes / wqe,
		.sge = cap->max_send_sge,
		.max_inline = wqe - overhead - INLINE_HEADER,
	};
	return HCA_RULE_NONE;
}

void
soft_receive_size(struct soft_receive_size *size, uint32_t requests, uint32_t sge)
{
	*size = (struct soft_receive_size){0};
	if (requests == 0)
		return;
	size->segments = soft_power_of_two(sge != 0 ? sge : 1);
	size->wqes = soft_power_of_two(requests);
	/* No ring is shorter than a WQEBB. */
	if (size->wqes * size->segments * HCA_SEGMENT < HCA_WQEBB)
		size->wqes = HCA_WQEBB / (size->segments * HCA_SEGMENT);
}

uint32_t
soft_cqe_size(const struct mlx5dv_cq_init_attr *more)
{
	const char *setting = getenv("MLX5_CQE_SIZE");

	if (more != NULL && (more->comp_mask & MLX5DV_CQ_INIT_ATTR_MASK_CQE_SIZE) != 0)
		return more->cqe_size;
	return setting != NULL ? atoi(setting) : 64;
}
