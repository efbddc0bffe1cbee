/* SPDX-License-Identifier: BSD-3-Clause */
#include <limits.h>

#include "size.h"
#include "sq.h"

#define SEGMENT	       16u
#define INLINE_HEADER  4u
/* Of a send WQE: the control segment, and an Ethernet segment with the longest inline header. */
#define OVERHEAD       (16u + 32u)

static uint32_t
align(uint32_t value, uint32_t to)
{
	return (value + to - 1) / to * to;
}

enum hca_rule
soft_send_size(struct soft_send_size *size, const struct ibv_qp_cap *cap,
	const struct hca_model *model)
{
	uint32_t wqe, inlined = 0, bytes;

	*size = (struct soft_send_size){0};
	if (cap->max_send_wr == 0)
		return HCA_RULE_NONE;
	if (cap->max_send_sge > (model->send_wqe - OVERHEAD) / SEGMENT)
		return HCA_RULE_QP_SEND_SGE;
	if (cap->max_inline_data > model->send_wqe)
		return HCA_RULE_QP_INLINE;
	if (cap->max_inline_data != 0)
		inlined = align(INLINE_HEADER + cap->max_inline_data, SEGMENT);
	if (OVERHEAD + inlined > model->send_wqe)
		return HCA_RULE_QP_INLINE;
	wqe = cap->max_send_sge * SEGMENT;
	wqe = align(OVERHEAD + (inlined > wqe ? inlined : wqe), HCA_WQEBB);
	if (cap->max_send_wr > INT_MAX / model->send_wqe)
		return HCA_RULE_QP_SEND_BYTES;
	bytes = soft_power_of_two(cap->max_send_wr * wqe);
	if (bytes / HCA_WQEBB > model->queue)
		return HCA_RULE_QP_SEND_WR;
	*size = (struct soft_send_size){
		.wqebbs = bytes / HCA_WQEBB,
		.requests = bytes / wqe,
		.sge = cap->max_send_sge,
		.max_inline = wqe - OVERHEAD - INLINE_HEADER,
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
	if (size->wqes * size->segments * SEGMENT < HCA_WQEBB)
		size->wqes = HCA_WQEBB / (size->segments * SEGMENT);
}
