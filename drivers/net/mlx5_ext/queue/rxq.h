/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rxq.h - a receive queue: a ring of slots, each one work request of nb_sge buffers.
 *
 * Slots [ci, pi) are posted; the device completes them in order. A slot's buffers sit in elts from
 * slot * nb_sge on; NULL is a buffer that still has to be allocated.
 */
#ifndef MLX5X_RXQ_H_
#define MLX5X_RXQ_H_

#include <infiniband/verbs.h>
#include <rte_mbuf.h>

#include "common/counter.h"
#include "mr/miss.h"
#include "mr/mr_cache.h"
#include "queue/datapath.h"
#include "queue/dv_rings.h"
#include "queue/port.h"

#define MLX5X_RX_CHUNK 32u	/* completions polled and slots posted at a time */

struct mlx5x_rxq_stats {
	uint64_t packets;
	uint64_t bytes;
	uint64_t errors;	/* completions with an error */
	uint64_t no_mbuf;	/* the pool was empty */
	uint64_t unmapped;	/* a buffer of the pool is on memory without a key */
	uint64_t filtered;	/* for another MAC address */
	uint64_t cache_misses;	/* look-ups that the queue's last region did not answer */
	uint64_t lookups;	/* of keys; each is a hit or a miss */
	uint64_t lost;		/* received, but a recovery came first */
	uint64_t recoveries;
};

struct mlx5x_rxq {
	/* Touched by bursts; by all of them first. */
	struct mlx5x_mr_user user;
	struct mlx5x_mr_table *mrs;
	struct rte_mempool *pool;
	struct rte_mbuf **elts;
	uint32_t ci;
	uint32_t pi;
	uint32_t size;		/* slots, a power of two */
	uint16_t nb_sge;	/* buffers of a slot */
	uint16_t data_room;		/* bytes of a buffer after the headroom */
	uint16_t port_id;
	bool failed;		/* a completion had an error: recover */
	bool tx_failed;		/* and one of the pair's Tx queue, whoever met it */
	bool missed;		/* a buffer, at mlx5x_miss_addr(), had no key */
	struct mlx5x_dv_rxq dv;
	struct mlx5x_rxq_stats stats;
	struct ibv_qp *qp;	/* or a WQ */
	struct ibv_wq *wq;
	struct ibv_cq *cq;
	struct ibv_recv_wr *wr;	/* MLX5X_RX_CHUNK, linked */
	struct ibv_sge *sge;	/* MLX5X_RX_CHUNK * nb_sge */
	struct mlx5x_grants *grants;	/* the wire's, or NULL */
	struct mlx5x_miss miss;
	/* Control path. */
	struct mlx5x_rxq_stats base;	/* what the last reset of statistics saw */
	struct ibv_comp_channel *channel;	/* rx_intr.c; NULL: no interrupts, or not started */
	struct mlx5x_port *port;
	const struct mlx5x_datapath *dp;
	uint16_t index;
	uint16_t nb_desc;	/* as asked for */
	uint64_t offloads;	/* RTE_ETH_RX_OFFLOAD_..., the queue's and the port's */
};

/* The gate and the last key in one line of the cache, the indices in the next. */
static_assert(offsetof(struct mlx5x_rxq, mrs) == RTE_CACHE_LINE_MIN_SIZE, "line 0: user");
static_assert(offsetof(struct mlx5x_rxq, dv) < 2 * RTE_CACHE_LINE_MIN_SIZE, "line 1: indices");

/* The ethdev ops. */
int mlx5x_rxq_setup(struct rte_eth_dev *dev, uint16_t index, uint16_t nb_desc, unsigned int socket,
	const struct rte_eth_rxconf *conf, struct rte_mempool *pool);
void mlx5x_rxq_release(struct rte_eth_dev *dev, uint16_t index);
void mlx5x_rxq_info(struct rte_eth_dev *dev, uint16_t index, struct rte_eth_rxq_info *info);

/*
 * Lays the ring out for the port's present MTU. -EINVAL: frames need several buffers and scatter is
 * off, or more than a work request has; -ENOMEM. Undone by mlx5x_rxq_drain().
 */
int mlx5x_rxq_prepare(struct mlx5x_rxq *rxq);

/*
 * The pool's memory in EAL's heaps gets keys; other memory must have been mapped. 0 or -errno. Before
 * the queue is started.
 */
int mlx5x_rxq_cover(struct mlx5x_rxq *rxq);

/*
 * The burst's part, after a buffer that had no key. Outside the gate: looks for one, and if there is
 * none, the next buffer is tried some bursts later.
 */
void mlx5x_rxq_cover_missed(struct mlx5x_rxq *rxq);

/*
 * Not by a burst: a line in the log if there were buffers without a key, and the log has none yet. One
 * thread at a time.
 */
void mlx5x_rxq_tell(struct mlx5x_rxq *rxq);

/* Inside the gate, for a queue that missed a key. */
static inline bool
mlx5x_rxq_may_try(struct mlx5x_rxq *rxq)
{
	if (rxq->miss.pause != 0 && --rxq->miss.pause != 0)
		return false;
	mlx5x_flag_set(&rxq->missed, false);
	return true;
}

/* Gate closed, nothing posted any more: forget all completions, post from the first slot again. */
void mlx5x_rxq_rewind(struct mlx5x_rxq *rxq);

/* Gate closed, QP gone: give every buffer back to its pool, and the ring's memory. */
void mlx5x_rxq_drain(struct mlx5x_rxq *rxq);

#endif
