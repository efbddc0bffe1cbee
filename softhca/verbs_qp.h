/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_qp.h - the making of a queue pair, for the three verbs that do.
 */
#ifndef SOFTHCA_VERBS_QP_H_
#define SOFTHCA_VERBS_QP_H_

#include <infiniband/mlx5dv.h>
#include <infiniband/verbs.h>

/*
 * A raw packet QP, with queues or with an indirection table; attr->cap becomes what it has. more
 * may be NULL. NULL and errno if it is refused.
 */
struct ibv_qp *soft_qp_create(struct ibv_context *context, struct ibv_qp_init_attr_ex *attr,
	const struct mlx5dv_qp_init_attr *more);

#endif
