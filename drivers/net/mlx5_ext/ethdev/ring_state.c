/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "ethdev/ring_state.h"
#include "queue/rxq.h"
#include "queue/txq.h"

/* Inside the gate. Slots are completed in order: a binary search. */
static uint32_t
count_done(struct mlx5x_rxq *rxq)
{
	uint32_t first = 0, end = rxq->pi - rxq->ci, middle;

	while (first != end) {
		middle = first + (end - first) / 2;
		if (rxq->dp->rx_is_done(rxq, middle))
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

MLX5X_RX_COUNT
mlx5x_ring_rx_count(void *queue)
{
	struct mlx5x_rxq *rxq = queue;
	uint32_t n;

	if (!mlx5x_gate_enter(&rxq->user.gate))
		return 0;
	n = count_done(rxq);
	mlx5x_gate_leave(&rxq->user.gate);
	return n;
}

int
mlx5x_ring_rx_status(void *queue, uint16_t offset)
{
	struct mlx5x_rxq *rxq = queue;
	int status = RTE_ETH_RX_DESC_UNAVAIL;

	if (offset >= rxq->size)
		return -EINVAL;
	if (!mlx5x_gate_enter(&rxq->user.gate))
		return status;
	if (offset < rxq->pi - rxq->ci)
		status = rxq->dp->rx_is_done(rxq, offset) ? RTE_ETH_RX_DESC_DONE :
			RTE_ETH_RX_DESC_AVAIL;
	mlx5x_gate_leave(&rxq->user.gate);
	return status;
}

/* Offset 0 is the place of the next packet; those owned by the device are the last ones then. */
int
mlx5x_ring_tx_status(void *queue, uint16_t offset)
{
	struct mlx5x_txq *txq = queue;
	uint32_t owned;

	if (offset >= txq->size)
		return -EINVAL;
	if (mlx5x_gate_enter(&txq->user.gate)) {
		txq->dp->tx_reap(txq);
		mlx5x_gate_leave(&txq->user.gate);
	}
	owned = txq->head - __atomic_load_n(&txq->done, __ATOMIC_RELAXED);
	return offset < txq->size - owned ? RTE_ETH_TX_DESC_DONE : RTE_ETH_TX_DESC_FULL;
}
