/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_common.h>
#include <rte_cycles.h>

#include "common/counter.h"
#include "ethdev/queue_ops.h"
#include "queue/rxq.h"
#include "queue/tx_free.h"
#include "queue/txq.h"

#define DRAIN_STEP_US 100
#define DRAIN_STEPS 1000
#define DRAIN_BURST 32

/* Beside all other closers of the gate: of the pair, of an unmap. */
static void
set_stopped(struct mlx5x_gate *gate, bool *stopped, bool value)
{
	if (*stopped == value)
		return;
	if (value)
		mlx5x_gate_close(gate);
	else
		mlx5x_gate_open(gate);
	*stopped = value;
}

static uint8_t
state_of(bool stopped)
{
	return stopped ? RTE_ETH_QUEUE_STATE_STOPPED : RTE_ETH_QUEUE_STATE_STARTED;
}

void
mlx5x_queues_begin(struct rte_eth_dev *dev)
{
	struct mlx5x_rxq *rxq;
	struct mlx5x_txq *txq;
	uint16_t i;

	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		rxq = dev->data->rx_queues[i];
		set_stopped(&rxq->user.gate, &rxq->stopped, rxq->deferred);
	}
	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		txq = dev->data->tx_queues[i];
		set_stopped(&txq->user.gate, &txq->stopped, txq->deferred);
	}
}

void
mlx5x_queues_started(struct rte_eth_dev *dev)
{
	const struct mlx5x_rxq *rxq;
	const struct mlx5x_txq *txq;
	uint16_t i;

	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		rxq = dev->data->rx_queues[i];
		dev->data->rx_queue_state[i] = state_of(rxq->stopped);
	}
	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		txq = dev->data->tx_queues[i];
		dev->data->tx_queue_state[i] = state_of(txq->stopped);
	}
}

void
mlx5x_queues_stopped(struct rte_eth_dev *dev)
{
	uint16_t i;

	for (i = 0; i < dev->data->nb_rx_queues; i++)
		dev->data->rx_queue_state[i] = RTE_ETH_QUEUE_STATE_STOPPED;
	for (i = 0; i < dev->data->nb_tx_queues; i++)
		dev->data->tx_queue_state[i] = RTE_ETH_QUEUE_STATE_STOPPED;
}

/* A ring of frames at most, as more may arrive all the time. */
static void
discard_waiting(struct mlx5x_rxq *rxq)
{
	struct mlx5x_rxq_stats *stats = &rxq->stats;
	uint64_t packets = stats->packets, bytes = stats->bytes, before;
	struct rte_mbuf *pkts[DRAIN_BURST];
	uint16_t n;

	do {
		before = stats->packets;
		n = rxq->dp->rx_burst(rxq, pkts, DRAIN_BURST);
		rte_pktmbuf_free_bulk(pkts, n);
	} while (stats->packets != before && stats->packets - packets < rxq->size);
	mlx5x_counter_add(&stats->lost, stats->packets - packets);
	mlx5x_counter_add(&stats->bytes, bytes - stats->bytes);
	mlx5x_counter_add(&stats->packets, packets - stats->packets);
}

int
mlx5x_rx_queue_start(struct rte_eth_dev *dev, uint16_t index)
{
	struct mlx5x_rxq *rxq = dev->data->rx_queues[index];

	if (rxq->stopped) {
		set_stopped(&rxq->user.gate, &rxq->stopped, false);
		discard_waiting(rxq);
	}
	dev->data->rx_queue_state[index] = RTE_ETH_QUEUE_STATE_STARTED;
	return 0;
}

int
mlx5x_rx_queue_stop(struct rte_eth_dev *dev, uint16_t index)
{
	struct mlx5x_rxq *rxq = dev->data->rx_queues[index];

	set_stopped(&rxq->user.gate, &rxq->stopped, true);
	dev->data->rx_queue_state[index] = RTE_ETH_QUEUE_STATE_STOPPED;
	return 0;
}

int
mlx5x_tx_queue_start(struct rte_eth_dev *dev, uint16_t index)
{
	struct mlx5x_txq *txq = dev->data->tx_queues[index];

	set_stopped(&txq->user.gate, &txq->stopped, false);
	dev->data->tx_queue_state[index] = RTE_ETH_QUEUE_STATE_STARTED;
	return 0;
}

/* True if packets are not completed yet. Excludes an unmap, which polls the CQ too. */
static bool
has_posted(struct mlx5x_txq *txq)
{
	bool posted;

	pthread_mutex_lock(&txq->mrs->lock);
	if (txq->cq != NULL)
		txq->dp->tx_reap(txq);
	posted = txq->done != txq->head;
	pthread_mutex_unlock(&txq->mrs->lock);
	return posted;
}

int
mlx5x_tx_queue_stop(struct rte_eth_dev *dev, uint16_t index)
{
	struct mlx5x_txq *txq = dev->data->tx_queues[index];
	unsigned int i;

	set_stopped(&txq->user.gate, &txq->stopped, true);
	for (i = 0; i < DRAIN_STEPS && has_posted(txq); i++)
		rte_delay_us_sleep(DRAIN_STEP_US);
	mlx5x_tx_free(txq, UINT32_MAX);
	dev->data->tx_queue_state[index] = RTE_ETH_QUEUE_STATE_STOPPED;
	return 0;
}
