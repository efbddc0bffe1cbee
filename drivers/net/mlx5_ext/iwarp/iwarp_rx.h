/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * iwarp_rx.h - the receiving end of a pair on iWARP: a QP that receives frames and sends counts of its
 * buffers, and the TCP port where the iwarp_tx of the other end connects. The passive side.
 *
 * It listens from create to destroy. Each prepare admits one connection, whose request must carry the
 * number that the pair was prepared with. Its lock is between the control path and the acceptor; a leaf.
 */
#ifndef MLX5X_IWARP_RX_H_
#define MLX5X_IWARP_RX_H_

#include <pthread.h>
#include <stdint.h>

#include <infiniband/verbs.h>
#include <rte_byteorder.h>

#include "datapath/credit.h"

struct mlx5x_pair;
struct rdma_cm_id;

/* The private data of a connect request, and of its answer. */
struct mlx5x_iwarp_rx_request {
	rte_be32_t psn;		/* the number of the pair here */
	rte_be32_t rkey;	/* of its credit word */
	rte_be64_t addr;
};

struct mlx5x_iwarp_rx_answer {
	rte_be32_t granted;	/* frames that it may send before it is told more */
};

struct mlx5x_iwarp_rx {
	struct rdma_cm_id *listener;
	uint16_t port;		/* TCP, host order */
	pthread_mutex_t lock;
	uint32_t psn;
	struct ibv_qp *qp;	/* a new one each time that it is prepared */
	struct rdma_cm_id *id;	/* the connection, or NULL */
	struct mlx5x_grants grants;
};

/*
 * For the pair's Rx queue. 0; -EADDRNOTAVAIL: the netdev's address is not in use (yet); -ENODEV: no
 * rdma_ucm in the kernel; another -errno. After an error there is nothing.
 */
int mlx5x_iwarp_rx_create(struct mlx5x_pair *pair, struct mlx5x_iwarp_rx **rx);

/* NULL is allowed. */
void mlx5x_iwarp_rx_destroy(struct mlx5x_iwarp_rx *rx);

/* Ends the connection, if any, and creates a QP to post receives to. 0; -errno: there is no QP. */
int mlx5x_iwarp_rx_prepare(struct mlx5x_iwarp_rx *rx, struct mlx5x_pair *pair);

/* Handles one CM event: accepts the expected connect request, rejects any other. By one thread. */
void mlx5x_iwarp_rx_accept(struct mlx5x_iwarp_rx *rx);

#endif
