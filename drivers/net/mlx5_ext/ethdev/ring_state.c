/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "common/counter.h"
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

/* Descriptors of all rings of a queue. */
struct state {
	uint32_t done;
	uint32_t posted;	/* and done */
};

static void
add_ring(struct state *sum, struct mlx5x_rxq *ring)
{
	if (!mlx5x_gate_enter(&ring->user.gate))
		return;
	sum->done += count_done(ring);
	sum->posted += ring->pi - ring->ci;
	mlx5x_gate_leave(&ring->user.gate);
}

static struct state
sum_rings(struct mlx5x_rxq *rxq)
{
	struct state sum = {0};

	/* The gates of further rings do not know it. */
	if (mlx5x_flag_read(&rxq->stopped))
		return sum;
	for (; rxq != NULL; rxq = mlx5x_rxq_more(rxq))
		add_ring(&sum, rxq);
	return sum;
}

MLX5X_RX_COUNT
mlx5x_ring_rx_count(void *queue)
{
	return sum_rings(queue).done;
}

/* Bursts return what any ring has received before they wait for more. */
static int
status_of_rings(struct mlx5x_rxq *rxq, uint16_t offset)
{
	struct state sum = sum_rings(rxq);

	if (offset < sum.done)
		return RTE_ETH_RX_DESC_DONE;
	return offset < sum.posted ? RTE_ETH_RX_DESC_AVAIL : RTE_ETH_RX_DESC_UNAVAIL;
}

int
mlx5x_ring_rx_status(void *queue, uint16_t offset)
{
	struct mlx5x_rxq *rxq = queue;
	int status = RTE_ETH_RX_DESC_UNAVAIL;

	/* Its rings may have fewer slots in use. */
	if (offset >= rxq->room)
		return -EINVAL;
	if (mlx5x_rxq_more(rxq) != NULL)
		return status_of_rings(rxq, offset);
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
