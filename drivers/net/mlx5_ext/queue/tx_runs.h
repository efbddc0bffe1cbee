/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tx_runs.h - which mbufs a transmit queue holds, by the way in which they return to their pools.
 *
 * A packet is plain if it is one direct buffer with one reference: the queue's own. Nobody else may
 * change that before the queue frees it, so what a burst sees of a packet, while it reads it
 * anyway, is true at its end too. Packets are kept in runs. A run of plain packets of one pool
 * returns to it by one call, which reads none of them; of any other run each packet is freed by
 * itself.
 */
#ifndef MLX5X_TX_RUNS_H_
#define MLX5X_TX_RUNS_H_

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

/* Packets with consecutive indices, which do not wrap in the ring. */
struct mlx5x_tx_run {
	struct rte_mempool *pool;	/* of all of them, and they are plain; else NULL */
	uint32_t end;			/* index behind the last one */
};

/* A FIFO: a ring of the queue's size, since each run has a packet. Indices are free-running. */
struct mlx5x_tx_runs {
	struct mlx5x_tx_run *ring;
	uint32_t head, tail;
};

static inline bool
mlx5x_tx_is_plain(const struct rte_mbuf *pkt, const struct rte_mempool *pool)
{
	return likely(rte_mbuf_refcnt_read(pkt) == 1) && likely(pkt->nb_segs == 1) &&
		likely(RTE_MBUF_DIRECT(pkt)) && likely(pkt->pool == pool);
}

#endif
