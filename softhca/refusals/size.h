/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * size.h - the rings that libmlx5 makes for the capabilities that were asked for, and what it says
 * that they have. Pure functions, any thread.
 */
#ifndef SOFTHCA_SIZE_H_
#define SOFTHCA_SIZE_H_

#include <infiniband/verbs.h>

#include "refusals/refusals.h"

static inline uint32_t
soft_power_of_two(uint32_t at_least)
{
	uint32_t value = 1;

	while (value < at_least)
		value <<= 1;
	return value;
}

struct soft_send_size {
	uint32_t wqebbs;	/* 0: no send queue */
	uint32_t requests;	/* that may be posted; fewer than wqebbs, if one takes several */
	uint32_t sge;
	uint32_t max_inline;	/* bytes */
};

/*
 * Bytes of a send WQE that are no data, at most: by type, and by the operations if they were named.
 */
uint32_t soft_send_overhead(const struct ibv_qp_init_attr_ex *attr);

/* HCA_RULE_NONE: *size is set. */
enum hca_rule soft_send_size(struct soft_send_size *size, const struct ibv_qp_init_attr_ex *attr,
	const struct hca_model *model);

/* Bytes of a CQE, as it was asked for or by MLX5_CQE_SIZE. more may be NULL. */
uint32_t soft_cqe_size(const struct mlx5dv_cq_init_attr *more);

struct soft_receive_size {
	uint32_t wqes;		/* 0: no receive queue */
	uint32_t segments;	/* of each, a power of two */
};

/* requests and sge have been checked. */
void soft_receive_size(struct soft_receive_size *size, uint32_t requests, uint32_t sge);

#endif
