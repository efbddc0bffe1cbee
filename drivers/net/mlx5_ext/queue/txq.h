/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * txq.h - a transmit queue: a ring of packets, one work request each.
 *
 * Packets [done, head) belong to the device, [freed, done) are completed and wait for their mbufs
 * to be freed. Freeing happens outside the gate, since an application's callback for attached
 * memory may well unmap that memory.
 */
#ifndef MLX5X_TXQ_H_
#define MLX5X_TXQ_H_

#include <infiniband/verbs.h>
#include <rte_mbuf.h>

#include "common/counter.h"
#include "mr/miss.h"
#include "mr/mr_cache.h"
#include "queue/datapath.h"
#include "queue/dv_rings.h"
#include "queue/port.h"

#define MLX5X_TX_CHUNK 32u	/* packets posted at a time */

struct mlx5x_txq_stats {
	uint64_t packets;
	uint64_t bytes;
	uint64_t unmapped;	/* dropped: a segment on memory without a key */
	uint64_t undersize;	/* dropped: shorter than the header of a frame */
	uint64_t oversize;	/* dropped: longer than the other end takes */
	uint64_t segments;	/* dropped: more segments than a work request has */
	uint64_t cache_misses;	/* look-ups that the queue's last region did not answer */
	uint64_t lookups;	/* of keys; each is a hit or a miss */
	uint64_t errors;	/* completions with an error */
	uint64_t lost;		/* posted, not completed when a recovery came */
	uint64_t recoveries;
};

struct mlx5x_txq {
	/* Touched by bursts; by all of them first. */
	struct mlx5x_mr_user user;
	struct mlx5x_mr_table *mrs;
	struct rte_mbuf **elts;
	uint32_t head;
	uint32_t done;
	uint32_t freed;
	uint32_t size;		/* packets, a power of two */
	uint32_t max_frame;	/* bytes that the other end takes */
	uint16_t max_sge;	/* data segments of a request */
	uint16_t max_segs;	/* of a packet */
	bool failed;		/* a completion had an error: recover */
	bool fast_free;		/* mbufs go to their one pool unread */
	struct mlx5x_dv_txq dv;
	struct mlx5x_txq_stats stats;
	struct ibv_qp *qp;
	struct ibv_cq *cq;
	struct ibv_send_wr *wr;	/* MLX5X_TX_CHUNK, linked */
	struct ibv_sge *sge;	/* MLX5X_TX_CHUNK * max_sge */
	struct mlx5x_credits *credits;	/* the wire's, or NULL */
	bool *tell;		/* where the Rx queue of the pair looks for our failures; or NULL */
	struct mlx5x_miss miss;
	/* Control path. */
	struct mlx5x_txq_stats base;	/* what the last reset of statistics saw */
	struct mlx5x_port *port;
	const struct mlx5x_datapath *dp;
	uint16_t index;
};

/* The gate and the last key in one line of the cache, the indices in the next. */
static_assert(offsetof(struct mlx5x_txq, mrs) == RTE_CACHE_LINE_MIN_SIZE, "line 0: user");
static_assert(offsetof(struct mlx5x_txq, dv) < 2 * RTE_CACHE_LINE_MIN_SIZE, "line 1: indices");

/* The ethdev ops. */
int mlx5x_txq_setup(struct rte_eth_dev *dev, uint16_t index, uint16_t nb_desc, unsigned int socket,
	const struct rte_eth_txconf *conf);
void mlx5x_txq_release(struct rte_eth_dev *dev, uint16_t index);
void mlx5x_txq_info(struct rte_eth_dev *dev, uint16_t index, struct rte_eth_txq_info *info);

/* Inside the gate, or with it closed: whoever comes next to a queue of the pair recovers it. */
static inline void
mlx5x_txq_fail(struct mlx5x_txq *txq)
{
	mlx5x_flag_set(&txq->failed, true);
	if (txq->tell != NULL)
		mlx5x_flag_set(txq->tell, true);
}

/* Gate closed: it is as good as new. */
static inline void
mlx5x_txq_forgive(struct mlx5x_txq *txq)
{
	mlx5x_flag_set(&txq->failed, false);
	if (txq->tell != NULL)
		mlx5x_flag_set(txq->tell, false);
}

/*
 * Gate closed, QP reset: what the device had is completed now, as far as it ever will be. Returns how
 * many packets had not been.
 */
uint32_t mlx5x_txq_abandon(struct mlx5x_txq *txq);

#endif
