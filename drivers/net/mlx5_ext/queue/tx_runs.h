/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tx_runs.h - which mbufs a transmit queue holds, by the way in which they return to their pools.
 *
 * A packet is plain if it is one direct buffer with one reference: the queue's own. Nobody else may
 * change that before the queue frees it, so what a burst sees of a packet, while it reads it
 * anyway, is true at its end too. Packets are kept in runs. A run of plain packets of one pool
 * returns to it by one call, which reads none of them; of any other run each packet is freed by
 * itself.
 *
 * A burst may take a chain of plain segments apart when it has sent it: the first one is kept as a
 * plain packet, the others in a ring of their own, the tails, and return to their pool likewise.
 */
#ifndef MLX5X_TX_RUNS_H_
#define MLX5X_TX_RUNS_H_

#include <assert.h>
#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <rte_mbuf.h>

/* Packets with consecutive indices, which do not wrap in the ring. */
struct mlx5x_tx_run {
	/* Of plain packets their pool. With tails, also this bit; of packets not plain it alone. */
	uintptr_t pool;
#define MLX5X_TX_RUN_OTHER ((uintptr_t)1)
	uint32_t end;	/* index behind the last packet */
	uint32_t tails;	/* segments in that ring; only with the bit */
};

/* A FIFO: a ring of the queue's size, since each run has a packet. Indices are free-running. */
struct mlx5x_tx_runs {
	struct mlx5x_tx_run *ring;
	uint32_t head, tail;
};

/* A FIFO of plain segments, those of a run together. Indices are free-running. */
struct mlx5x_tx_tails {
	struct rte_mbuf **ring;	/* with room for a chain behind its end, for the burst alone */
	uint32_t size;		/* a power of two; or 0: chains stay whole */
	uint32_t head, tail;
};

static_assert(offsetof(struct rte_mbuf, nb_segs) == offsetof(struct rte_mbuf, refcnt) + 2,
	"one word");

/* Two numbers by one load, as a burst loads them too. */
#define MLX5X_TX_COUNTS(nb_segs, refcnt) ((uint32_t)(nb_segs) << 16 | (refcnt))

static inline uint32_t
mlx5x_tx_counts(const struct rte_mbuf *seg)
{
	uint32_t counts;

	memcpy(&counts, &seg->refcnt, sizeof(counts));
	return le32toh(counts);
}

static inline bool
mlx5x_tx_is_plain(const struct rte_mbuf *pkt, const struct rte_mempool *pool)
{
	return likely(rte_mbuf_refcnt_read(pkt) == 1) && likely(pkt->nb_segs == 1) &&
		likely(RTE_MBUF_DIRECT(pkt)) && likely(pkt->pool == pool);
}

#endif
