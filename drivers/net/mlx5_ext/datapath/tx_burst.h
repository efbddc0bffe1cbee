/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tx_burst.h - the frame of transmit bursts: enter the gate, reap, send, free completed packets,
 * handle refused ones, recover. Inlined with the functions of one datapath.
 */
#ifndef MLX5X_TX_BURST_H_
#define MLX5X_TX_BURST_H_

#include <rte_ether.h>

#include "common/counter.h"
#include "datapath/drop.h"
#include "queue/recover.h"
#include "queue/tx_free.h"
#include "queue/txq.h"

/*
 * Valid lengths of a frame: from an Ethernet header to max_frame. The length is the sum of
 * data_len, whatever pkt_len is. One compare checks both bounds, since a shorter length wraps.
 */
static inline uint32_t
mlx5x_tx_limit(const struct mlx5x_txq *txq)
{
	return txq->max_frame - RTE_ETHER_HDR_LEN;
}

static inline bool
mlx5x_tx_fits(uint32_t len, uint32_t limit)
{
	return likely(len - RTE_ETHER_HDR_LEN <= limit);
}

/* The reason to drop a packet of an invalid length. */
static inline enum mlx5x_drop_reason
mlx5x_tx_misfit(uint32_t len)
{
	return len < RTE_ETHER_HDR_LEN ? MLX5X_DROP_UNDERSIZE : MLX5X_DROP_OVERSIZE;
}

/*
 * Inside the gate: posts up to n packets, until one is refused or the ring is full; returns how
 * many. *why: the reason if the next one is refused.
 */
typedef uint16_t (*mlx5x_tx_send_t)(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint16_t n,
	enum mlx5x_drop_reason *why);

/*
 * Frees what is completed. Once in a file, by its instruction set: where the copy of a mempool is
 * inlined, it is large.
 */
static __rte_unused __rte_noinline uint32_t
mlx5x_tx_free_all(struct mlx5x_txq *txq)
{
	return mlx5x_tx_free_completed(txq, UINT32_MAX);
}

/* One pass through the gate. False: the queue accepts no more packets now. */
static __rte_always_inline bool
mlx5x_tx_pass(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint16_t n, uint16_t *sent,
	enum mlx5x_drop_reason *why, void (*reap)(struct mlx5x_txq *txq), mlx5x_tx_send_t send)
{
	uint32_t freed;

	*why = MLX5X_DROP_NOT;
	*sent = 0;
	if (unlikely(!mlx5x_gate_enter(&txq->user.gate)))
		return false;
	reap(txq);
	if (likely(!mlx5x_flag_read(&txq->failed)))
		*sent = send(txq, pkts, n, why);
	mlx5x_gate_leave(&txq->user.gate);
	freed = mlx5x_tx_free_all(txq);
	if (unlikely(mlx5x_flag_read(&txq->failed)))
		mlx5x_recover(txq->port, txq->index);
	return *sent != 0 || *why != MLX5X_DROP_NOT || freed != 0;
}

static __rte_always_inline uint16_t
mlx5x_tx_burst(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint16_t n,
	void (*reap)(struct mlx5x_txq *txq), mlx5x_tx_send_t send)
{
	uint16_t left = n, done;
	enum mlx5x_drop_reason why;
	int misses = 0;

	/* Also once for n == 0, when pkts may be NULL, to poll CQEs and detect errors. */
	for (;;) {
		if (!mlx5x_tx_pass(txq, pkts, left, &done, &why, reap, send))
			break;
		if (unlikely(why != MLX5X_DROP_NOT)) {
			if (done != 0)
				misses = 0;
			done += mlx5x_drop_handle(txq, &pkts[done], left - done, why, &misses);
		}
		left -= done;
		if (left == 0)
			break;
		pkts += done;
	}
	return n - left;
}

#endif
