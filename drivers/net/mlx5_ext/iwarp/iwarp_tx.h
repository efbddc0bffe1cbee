/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * iwarp_tx.h - the sending end, and active side, of a pair on iWARP: a QP that sends frames to the
 * iwarp_rx of the other end, and the credit word to which that writes its counts.
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
	struct ibv_qp *qp;	/* replaced by each prepare */
	struct rdma_cm_id *id;	/* the connection, or NULL */
	struct ibv_mr *mr;	/* of the word */
	struct mlx5x_credits credits;
};

/* For the pair's Tx queue. 0 or -errno; all is undone on failure. */
int mlx5x_iwarp_tx_create(struct mlx5x_pair *pair, struct mlx5x_iwarp_tx **tx);

/* NULL is allowed. */
void mlx5x_iwarp_tx_destroy(struct mlx5x_iwarp_tx *tx);

/* Ends the connection, if any, and replaces the QP. 0; -errno: there is no QP. */
int mlx5x_iwarp_tx_prepare(struct mlx5x_iwarp_tx *tx, struct mlx5x_pair *pair);

/*
 * Connects to the iwarp_rx of the other end, whose acceptor must be running; its answer grants the
 * first credits. Waits within the limit, without a lock; changes only this object of the pair,
 * whose gates are closed. 0; -ENOTCONN: not prepared; -errno of mlx5x_cm_connect(): prepare it
 * again.
 */
int mlx5x_iwarp_tx_connect(struct mlx5x_iwarp_tx *tx, struct mlx5x_pair *pair,
	const struct mlx5x_remote *remote, const struct mlx5x_limit *limit);

#endif
