/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * iwarp_tx.h - the sending end of a pair on iWARP: a QP that sends frames to the iwarp_rx of the other
 * end, and a word of memory where that one writes how many it accepts. The active side.
 */
#ifndef MLX5X_IWARP_TX_H_
#define MLX5X_IWARP_TX_H_

#include <infiniband/verbs.h>

#include "datapath/credit.h"

struct mlx5x_pair;
struct mlx5x_remote;
struct mlx5x_limit;
struct rdma_cm_id;

struct mlx5x_iwarp_tx {
	struct ibv_qp *qp;	/* a new one each time that it is prepared */
	struct rdma_cm_id *id;	/* the connection, or NULL */
	struct ibv_mr *mr;	/* of the word */
	struct mlx5x_credits credits;
};

/* For the pair's Tx queue. 0 or -errno, and then there is nothing. */
int mlx5x_iwarp_tx_create(struct mlx5x_pair *pair, struct mlx5x_iwarp_tx **tx);

/* NULL is allowed. */
void mlx5x_iwarp_tx_destroy(struct mlx5x_iwarp_tx *tx);

/* Ends the connection, if any, and creates a QP. 0; -errno: there is no QP. */
int mlx5x_iwarp_tx_prepare(struct mlx5x_iwarp_tx *tx, struct mlx5x_pair *pair);

/*
 * Connects to the iwarp_rx there, whose acceptor must be running; the queue may then send as many frames
 * as that one grants. Waits for the other end within the limit, without a lock: of the pair, whose gates
 * are closed, it touches only this object. -errno of mlx5x_cm_connect(): prepare it again.
 */
int mlx5x_iwarp_tx_connect(struct mlx5x_iwarp_tx *tx, struct mlx5x_pair *pair,
	const struct mlx5x_remote *remote, const struct mlx5x_limit *limit);

#endif
