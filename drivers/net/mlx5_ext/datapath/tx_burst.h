/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tx_burst.h - what every transmit burst does around its rings: pass the gate, free what is done,
 * settle what was refused, recover. Inlined with the functions of one datapath.
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
 * A frame has a header at least, and what the other end takes at most; its length is what its segments
 * hold, whatever pkt_len says. One compare, since what is too short wraps.
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

/* Why a length does not fit. */
static inline enum mlx5x_drop_reason
mlx5x_tx_misfit(uint32_t len)
{
	return len < RTE_ETHER_HDR_LEN ? MLX5X_DROP_UNDERSIZE : MLX5X_DROP_OVERSIZE;
}

/*
 * Inside the gate: sends the leading packets that are fit, as many as there is room for, up to n,
 * and returns how many. *why tells of the next one, if it is not fit.
 */
typedef uint16_t (*mlx5x_tx_send_t)(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint16_t n,
	enum mlx5x_drop_reason *why);

/* One pass through the gate. False: the queue takes nothing more now. */
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
	freed = mlx5x_tx_free(txq, UINT32_MAX);
	if (unlikely(mlx5x_flag_read(&txq->failed)))
		mlx5x_recover(txq->port, txq->index);
	return *sent != 0 || *why != MLX5X_DROP_NOT || freed != 0;
}

static __rte_always_inline uint16_t
mlx5x_tx_burst(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint16_t n,
	void (*reap)(struct mlx5x_txq *txq), mlx5x_tx_send_t send)
{
	uint16_t total = 0, sent;
	enum mlx5x_drop_reason why;
	int misses = 0;

	/* Once also for no packets: it takes in completions, and may meet an error. */
	do {
		if (!mlx5x_tx_pass(txq, &pkts[total], n - total, &sent, &why, reap, send))
			break;
		total += sent;
		if (unlikely(why != MLX5X_DROP_NOT))
			total += mlx5x_drop_handle(txq, &pkts[total], n - total, why, &misses);
	} while (total < n);
	return total;
}

#endif
