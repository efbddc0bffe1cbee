/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * inlet.h - the receiving end of a pair on iWARP: a QP that receives frames and sends counts of its
 * buffers, and the TCP port where the other end's outlet connects.
 *
 * Between its making and its end it listens; each preparing lets one outlet in, which has to know the
 * number that the pair was prepared with. Its lock is between the control path and the acceptor; a leaf.
 */
#ifndef MLX5X_INLET_H_
#define MLX5X_INLET_H_

#include <pthread.h>
#include <stdint.h>

#include <infiniband/verbs.h>
#include <rte_byteorder.h>

#include "datapath/credit.h"

struct mlx5x_pair;
struct rdma_cm_id;

/* What an outlet tells as it connects, and what it gets to know. */
struct mlx5x_inlet_request {
	rte_be32_t psn;		/* the number of the pair here */
	rte_be32_t rkey;	/* of its credit word */
	rte_be64_t addr;
};

struct mlx5x_inlet_answer {
	rte_be32_t granted;	/* frames that it may send before it is told more */
};

struct mlx5x_inlet {
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
int mlx5x_inlet_create(struct mlx5x_pair *pair, struct mlx5x_inlet **inlet);

/* NULL is allowed. */
void mlx5x_inlet_destroy(struct mlx5x_inlet *inlet);

/* Ends what there is of a connection; receives may be posted then. 0 or -errno: then there is no QP. */
int mlx5x_inlet_prepare(struct mlx5x_inlet *inlet, struct mlx5x_pair *pair);

/* Takes one event of its listener: lets in who has come and is expected; refuses others. By one thread. */
void mlx5x_inlet_admit(struct mlx5x_inlet *inlet);

#endif
