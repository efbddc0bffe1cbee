/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * txq.h - a transmit queue: a ring of packets.
 *
 * The device owns packets [done, head); [freed, done) are completed and their mbufs not freed yet.
 * Mbufs are freed outside the gate, since an application's callback for attached memory may unmap
 * that memory.
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
#include "queue/tx_runs.h"

/*
 * Packets posted, and CQEs polled, at a time, by verbs: more saves calls and CQEs, fewer frees
 * mbufs earlier.
 */
#define MLX5X_TX_CHUNK 32u

struct mlx5x_txq_stats {
	uint64_t packets;
	uint64_t bytes;
	uint64_t unmapped;	/* dropped: a segment on memory without an lkey */
	uint64_t undersize;	/* dropped: shorter than the header of a frame */
	uint64_t oversize;	/* dropped: longer than the other end accepts */
	uint64_t segments;	/* dropped: more segments than a WQE has SGEs */
	uint64_t cache_misses;	/* look-ups outside the queue's last region */
	uint64_t lookups;	/* of lkeys; each is a hit or a miss */
	uint64_t errors;	/* error CQEs */
	uint64_t lost;		/* posted, and discarded by a recovery */
	uint64_t recoveries;
};

struct mlx5x_txq {
	/* Accessed by bursts; the first fields by every burst. */
	struct mlx5x_mr_user user;
	struct mlx5x_mr_table *mrs;
	struct rte_mbuf **elts;
	uint32_t head;
	uint32_t done;
	uint32_t freed;
	uint32_t size;		/* packets, a power of two */
	uint32_t max_frame;	/* bytes that the other end accepts */
	uint16_t max_sge;	/* data segments of a WQE */
	uint16_t max_segs;	/* of a packet */
	bool failed;		/* error CQE: recover */
	bool fast_free;		/* all packets are plain, and of one pool */
	struct mlx5x_dv_txq dv;
	struct mlx5x_tx_runs runs;
	struct mlx5x_tx_tails tails;
	struct mlx5x_txq_stats stats;
	struct ibv_qp *qp;
	struct ibv_cq *cq;
	struct ibv_send_wr *wr;	/* MLX5X_TX_CHUNK, linked */
	struct ibv_sge *sge;	/* MLX5X_TX_CHUNK * max_sge */
	uint32_t first;		/* head when it was connected, plus the packets lost since then */
	struct mlx5x_credits *credits;	/* the wire's, or NULL */
	bool *tell;		/* tx_failed of the pair's Rx queue; or NULL */
	struct mlx5x_miss miss;
	/* Control path. */
	struct mlx5x_txq_stats base;	/* stats at their last reset */
	struct mlx5x_port *port;
	const struct mlx5x_datapath *dp;
	uint16_t index;
	bool deferred;		/* not started with the port */
	bool stopped;		/* by queue_ops.c: one closer of the gate */
	uint64_t offloads;	/* RTE_ETH_TX_OFFLOAD_..., the queue's and the port's */
};

/* The gate and the last lkey are in one cache line, the indices in the next. */
static_assert(offsetof(struct mlx5x_txq, mrs) == RTE_CACHE_LINE_MIN_SIZE, "line 0: user");
static_assert(offsetof(struct mlx5x_txq, dv) < 2 * RTE_CACHE_LINE_MIN_SIZE, "line 1: indices");

/* The ethdev ops. */
int mlx5x_txq_setup(struct rte_eth_dev *dev, uint16_t index, uint16_t nb_desc, unsigned int socket,
	const struct rte_eth_txconf *conf);
void mlx5x_txq_release(struct rte_eth_dev *dev, uint16_t index);
void mlx5x_txq_info(struct rte_eth_dev *dev, uint16_t index, struct rte_eth_txq_info *info);

/* Inside the gate, or with it closed: marks the queue; the next burst of the pair recovers it. */
static inline void
mlx5x_txq_fail(struct mlx5x_txq *txq)
{
	mlx5x_flag_set(&txq->failed, true);
	if (txq->tell != NULL)
		mlx5x_flag_set(txq->tell, true);
}

/* Gate closed: clears the mark. */
static inline void
mlx5x_txq_forgive(struct mlx5x_txq *txq)
{
	mlx5x_flag_set(&txq->failed, false);
	if (txq->tell != NULL)
		mlx5x_flag_set(txq->tell, false);
}

/*
 * Gate closed, QP reset: takes all posted packets as completed. Returns the number of those that
 * were not.
 */
uint32_t mlx5x_txq_abandon(struct mlx5x_txq *txq);

#endif
