/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_wq.h - the making of a work queue, for the two verbs that do.
 */
#ifndef SOFTHCA_VERBS_WQ_H_
#define SOFTHCA_VERBS_WQ_H_

#include <infiniband/mlx5dv.h>
#include <infiniband/verbs.h>

/* more may be NULL. NULL and errno if it is refused. */
struct ibv_wq *soft_wq_create(struct ibv_context *context, struct ibv_wq_init_attr *attr,
	const struct mlx5dv_wq_init_attr *more);

#endif
