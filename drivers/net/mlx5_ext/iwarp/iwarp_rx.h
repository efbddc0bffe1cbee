/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * iwarp_rx.h - the receiving end, and passive side, of a pair on iWARP: a QP that receives frames
 * and sends the counts of credit.h, and a listener for the iwarp_tx of the other end.
 *
 * It listens from create to destroy. After each prepare it accepts one connection, whose request
 * must carry the PSN of that prepare. The lock is between control path and acceptor; no other is
 * taken under it.
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
	rte_be32_t psn;		/* of the accepting pair: remote->psn of the requester */
	rte_be32_t rkey;	/* of the requester's credit word, at addr */
	rte_be64_t addr;
};

struct mlx5x_iwarp_rx_answer {
	rte_be32_t granted;	/* frames that the requester may send first */
};

struct mlx5x_iwarp_rx {
	struct rdma_cm_id *listener;
	uint16_t port;		/* TCP, host order */
	pthread_mutex_t lock;
	uint32_t psn;
	struct ibv_qp *qp;	/* replaced by each prepare */
	struct rdma_cm_id *id;	/* the connection, or NULL */
	struct mlx5x_grants grants;
};

/*
 * For the pair's Rx queue. 0; -EADDRNOTAVAIL: the netdev's address is not in use (yet); -ENODEV:
 * the kernel module rdma_ucm is not loaded; another -errno. All is undone on failure.
 */
int mlx5x_iwarp_rx_create(struct mlx5x_pair *pair, struct mlx5x_iwarp_rx **rx);

/* NULL is allowed. */
void mlx5x_iwarp_rx_destroy(struct mlx5x_iwarp_rx *rx);

/* Ends the connection, if any, and replaces the QP. 0; -errno: there is no QP. */
int mlx5x_iwarp_rx_prepare(struct mlx5x_iwarp_rx *rx, struct mlx5x_pair *pair);

/* Handles one CM event: accepts the expected connect request, rejects any other. By one thread. */
void mlx5x_iwarp_rx_accept(struct mlx5x_iwarp_rx *rx);

#endif
