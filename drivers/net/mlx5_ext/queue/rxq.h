/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rxq.h - a receive queue: a ring of slots, each one WQE of nb_sge buffers.
 *
 * Slots [ci, pi) are posted; the device completes them in order. A slot's buffers are in elts from
 * slot * nb_sge on; NULL: not allocated yet.
 *
 * Where the other end of a cable has more Tx queues than the port has Rx queues, an Rx queue has
 * further rings (fold.h): each is a structure of this kind with a QP, a CQ and a gate of its own,
 * which the application does not see. The queue's burst polls them all, so they have its thread.
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

/*
 * CQEs polled and slots posted at a time, by verbs; both datapaths refill when that many slots, or
 * a quarter of the ring, are free: more saves calls and doorbells, fewer leaves fewer slots empty.
 */
#define MLX5X_RX_CHUNK 32u

struct mlx5x_rxq_stats {
	uint64_t packets;
	uint64_t bytes;
	uint64_t errors;	/* error CQEs */
	uint64_t no_mbuf;	/* the pool was empty */
	uint64_t unmapped;	/* buffers of the pool on memory without an lkey */
	uint64_t filtered;	/* for another MAC address */
	uint64_t cache_misses;	/* look-ups outside the queue's last region */
	uint64_t lookups;	/* of lkeys; each is a hit or a miss */
	uint64_t lost;		/* received, and discarded by a recovery */
	uint64_t missed;	/* sent by the other end, and not received */
	uint64_t recoveries;
};

/* CQEs polled before a burst: datapath/early.h. */
struct mlx5x_early_cqe {
	uint32_t len;
	rte_be32_t number;	/* of the frame, on wires that number them */
	uint16_t slot;
	uint16_t good;
};

struct mlx5x_early {
	struct mlx5x_early_cqe *cqes;	/* a ring, one entry for each slot allocated */
	uint32_t head, tail;
};

/* Buffers that a burst may look ahead for, also at the end of the ring. */
#define MLX5X_RXQ_AHEAD 4

struct mlx5x_rxq {
	/* Accessed by bursts; the first fields by every burst. */
	struct mlx5x_mr_user user;
	struct mlx5x_mr_table *mrs;
	struct rte_mempool *pool;
	struct rte_mbuf **elts;		/* MLX5X_RXQ_AHEAD more than there are, which are NULL */
	uint32_t ci;
	uint32_t pi;
	uint32_t size;		/* slots in use, a power of two; or 0 */
	uint16_t nb_sge;	/* buffers of a slot */
	uint16_t data_room;	/* bytes of a buffer after the headroom */
	uint16_t port_id;
	bool failed;		/* error CQE: recover */
	bool tx_failed;		/* error CQE of the pair's Tx queue */
	bool missed;		/* a buffer, at mlx5x_miss_addr(), had no lkey */
	struct mlx5x_dv_rxq dv;
	struct mlx5x_rxq_stats stats;
	struct ibv_qp *qp;	/* or a WQ */
	struct ibv_wq *wq;
	struct ibv_cq *cq;
	struct mlx5x_early early;
	struct ibv_recv_wr *wr;	/* MLX5X_RX_CHUNK, linked */
	struct ibv_sge *sge;	/* MLX5X_RX_CHUNK * nb_sge */
	struct mlx5x_grants *grants;	/* the wire's, or NULL */
	uint32_t next_number;	/* of the next frame, on wires that number them */
	struct mlx5x_rxq *more;	/* the next ring of the queue, or NULL; list only grows */
	struct mlx5x_rxq *turn;	/* the ring with which the next burst begins, if it has more */
	struct mlx5x_miss miss;
	/* Control path. */
	struct mlx5x_rxq_stats base;	/* stats at their last reset */
	struct ibv_comp_channel *channel;	/* rx_intr.c; NULL: no interrupts, or not started */
	struct mlx5x_port *port;
	struct mlx5x_rxq *owner;	/* of a further ring: the queue; else NULL */
	const struct mlx5x_datapath *dp;
	uint32_t room;		/* slots allocated, a power of two */
	uint16_t index;		/* of its pair */
	uint16_t nb_desc;	/* as requested */
	bool deferred;		/* not started with the port */
	bool stopped;		/* by queue_ops.c: one closer of the gate; for all rings */
	uint64_t offloads;	/* RTE_ETH_RX_OFFLOAD_..., the queue's and the port's */
};

/* The gate and the last lkey are in one cache line, the indices in the next. */
static_assert(offsetof(struct mlx5x_rxq, mrs) == RTE_CACHE_LINE_MIN_SIZE, "line 0: user");
static_assert(offsetof(struct mlx5x_rxq, dv) < 2 * RTE_CACHE_LINE_MIN_SIZE, "line 1: indices");

/* The ethdev ops. */
int mlx5x_rxq_setup(struct rte_eth_dev *dev, uint16_t index, uint16_t nb_desc, unsigned int socket,
	const struct rte_eth_rxconf *conf, struct rte_mempool *pool);
void mlx5x_rxq_release(struct rte_eth_dev *dev, uint16_t index);
void mlx5x_rxq_info(struct rte_eth_dev *dev, uint16_t index, struct rte_eth_rxq_info *info);

/*
 * Allocates the ring for the port's MTU, with all its slots in use. 0; -EINVAL: frames need several
 * buffers and scatter is off, or more than a WQE has SGEs; -ENOMEM. Undone by mlx5x_rxq_drain().
 */
int mlx5x_rxq_prepare(struct mlx5x_rxq *rxq);

/*
 * Before the start of the queue: registers the pool's memory in EAL's heaps; other memory must be
 * mapped by the application. 0 or -errno.
 */
int mlx5x_rxq_cover(struct mlx5x_rxq *rxq);

/*
 * Adds a ring of `room` slots to the queue, for the pair of that index, or finds it; its gate is
 * closed. It is freed with the queue. 0; -ENOMEM. By one thread at a time.
 */
int mlx5x_rxq_add_ring(struct mlx5x_rxq *rxq, uint16_t index, uint32_t room,
	struct mlx5x_rxq **ring);

/* The next ring of the queue, or NULL. Acquire; pairs with the release in mlx5x_rxq_add_ring(). */
static inline struct mlx5x_rxq *
mlx5x_rxq_more(const struct mlx5x_rxq *rxq)
{
	return __atomic_load_n(&rxq->more, __ATOMIC_ACQUIRE);
}

/*
 * By the burst, outside the gate, after a buffer without an lkey: tries to register its memory; on
 * failure the next buffer is tried some bursts later.
 */
void mlx5x_rxq_cover_missed(struct mlx5x_rxq *rxq);

/*
 * Not by a burst: logs once that buffers have no lkey, if so and not logged yet. One thread at a
 * time.
 */
void mlx5x_rxq_tell(struct mlx5x_rxq *rxq);

/* Inside the gate, if `missed` is set: whether this burst tries to post again. */
static inline bool
mlx5x_rxq_may_try(struct mlx5x_rxq *rxq)
{
	if (rxq->miss.pause != 0 && --rxq->miss.pause != 0)
		return false;
	mlx5x_flag_set(&rxq->missed, false);
	return true;
}

/*
 * Gate closed, ring reset: discards all CQEs, returns buffers of slots that are not in use to the
 * pool, and posting begins at the first slot again.
 */
void mlx5x_rxq_rewind(struct mlx5x_rxq *rxq);

/* Gate closed, QP destroyed: returns all buffers to their pool and frees the ring. */
void mlx5x_rxq_drain(struct mlx5x_rxq *rxq);

#endif
