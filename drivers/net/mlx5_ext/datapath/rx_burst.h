/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rx_burst.h - the frame of receive bursts: enter the gate, receive, refill, recover, register
 * memory of buffers without an lkey. Inlined with the functions of one datapath.
 */
#ifndef MLX5X_RX_BURST_H_
#define MLX5X_RX_BURST_H_

#include "common/counter.h"
#include "queue/recover.h"
#include "queue/rxq.h"

/*
 * Free slots that trigger a refill: a chunk saves doorbells, a quarter avoids an empty small ring.
 */
#define MLX5X_RX_FILL_AT(rxq) RTE_MIN(MLX5X_RX_CHUNK, (rxq)->size / 4)

/* receive() and fill() run inside the gate. */
static __rte_always_inline uint16_t
mlx5x_rx_burst(struct mlx5x_rxq *rxq, struct rte_mbuf **pkts, uint16_t n,
	uint16_t (*receive)(struct mlx5x_rxq *rxq, struct rte_mbuf **pkts, uint16_t n),
	void (*fill)(struct mlx5x_rxq *rxq))
{
	uint16_t count;

	if (unlikely(!mlx5x_gate_enter(&rxq->user.gate)))
		return 0;
	count = receive(rxq, pkts, n);
	if (rxq->size - (rxq->pi - rxq->ci) >= MLX5X_RX_FILL_AT(rxq) &&
	    likely(!mlx5x_flag_read(&rxq->failed)) &&
	    (likely(!mlx5x_flag_read(&rxq->missed)) || mlx5x_rxq_may_try(rxq)))
		fill(rxq);
	mlx5x_gate_leave(&rxq->user.gate);
	if (unlikely(mlx5x_flag_read(&rxq->failed)) ||
	    unlikely(mlx5x_flag_read(&rxq->tx_failed)))
		mlx5x_recover(rxq->port, rxq->index);
	if (unlikely(mlx5x_flag_read(&rxq->missed)))
		mlx5x_rxq_cover_missed(rxq);
	return count;
}

#endif
