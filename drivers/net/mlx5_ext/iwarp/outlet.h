/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * outlet.h - the sending end of a pair on iWARP: a QP that sends frames to the inlet of the other end,
 * and a word of memory where that one writes how many it takes.
 */
#ifndef MLX5X_OUTLET_H_
#define MLX5X_OUTLET_H_

#include <infiniband/verbs.h>

#include "datapath/credit.h"

struct mlx5x_pair;
struct mlx5x_remote;
struct mlx5x_limit;
struct rdma_cm_id;

struct mlx5x_outlet {
	struct ibv_qp *qp;	/* a new one each time that it is prepared */
	struct rdma_cm_id *id;	/* the connection, or NULL */
	struct ibv_mr *mr;	/* of the word */
	struct mlx5x_credits credits;
};

/* For the pair's Tx queue. 0 or -errno, and then there is nothing. */
int mlx5x_outlet_create(struct mlx5x_pair *pair, struct mlx5x_outlet **outlet);

/* NULL is allowed. */
void mlx5x_outlet_destroy(struct mlx5x_outlet *outlet);

/* Ends what there is of a connection. 0 or -errno: then there is no QP. */
int mlx5x_outlet_prepare(struct mlx5x_outlet *outlet, struct mlx5x_pair *pair);

/*
 * Connects to the inlet there, whose acceptor must be at work; may send then what that one grants. Waits
 * for the other end within the limit, and is called without a lock: of the pair, whose gates are closed,
 * it touches only the outlet. -errno as mlx5x_cm_connect() has it: to be prepared again.
 */
int mlx5x_outlet_connect(struct mlx5x_outlet *outlet, struct mlx5x_pair *pair,
	const struct mlx5x_remote *remote, const struct mlx5x_limit *limit);

#endif
