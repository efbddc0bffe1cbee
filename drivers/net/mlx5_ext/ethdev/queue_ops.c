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
	mlx5x_flag_set(stopped, value);
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

/* What a queue has received, by all its rings. */
struct arrived {
	uint64_t packets;
	uint64_t bytes;
};

static struct arrived
count_arrived(const struct mlx5x_rxq *rxq)
{
	struct arrived sum = {0};

	for (; rxq != NULL; rxq = mlx5x_rxq_more(rxq)) {
		sum.packets += mlx5x_counter_read(&rxq->stats.packets);
		sum.bytes += mlx5x_counter_read(&rxq->stats.bytes);
	}
	return sum;
}

/* Only the sum over the rings is ever shown. A reset of the pair counts lost frames as well. */
static void
move_to_lost(struct mlx5x_rxq *rxq, uint64_t packets, uint64_t bytes)
{
	struct mlx5x_rxq_stats *stats = &rxq->stats;

	pthread_mutex_lock(&rxq->mrs->lock);
	mlx5x_counter_add(&stats->lost, packets);
	mlx5x_counter_add(&stats->bytes, -bytes);
	mlx5x_counter_add(&stats->packets, -packets);
	pthread_mutex_unlock(&rxq->mrs->lock);
}

/* A queue of frames at most, as more may arrive all the time. */
static void
discard_waiting(struct mlx5x_rxq *rxq)
{
	const struct arrived first = count_arrived(rxq);
	struct arrived now = first, before;
	struct rte_mbuf *pkts[DRAIN_BURST];
	uint16_t n;

	do {
		before = now;
		n = rxq->dp->rx_burst(rxq, pkts, DRAIN_BURST);
		rte_pktmbuf_free_bulk(pkts, n);
		now = count_arrived(rxq);
	} while (now.packets != before.packets && now.packets - first.packets < rxq->room);
	move_to_lost(rxq, now.packets - first.packets, now.bytes - first.bytes);
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
