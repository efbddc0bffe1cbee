/* SPDX-License-Identifier: BSD-3-Clause */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>

#include "common/counter.h"
#include "ethdev/mp.h"
#include "ethdev/stats.h"
#include "queue/rxq.h"
#include "queue/txq.h"

/* One counter of a queue since the last reset; both structures are arrays of counters. */
#define SINCE_RESET(queue, field) \
	(mlx5x_counter_read(&(queue)->stats.field) - (queue)->base.field)

#define NB_RX_COUNTERS (sizeof(struct mlx5x_rxq_stats) / sizeof(uint64_t))

/* The sums of all rings of a queue since the last reset. */
static struct mlx5x_rxq_stats
sum_rings(const struct mlx5x_rxq *rxq)
{
	uint64_t sums[NB_RX_COUNTERS] = {0};
	struct mlx5x_rxq_stats stats;
	const uint64_t *now, *then;
	unsigned int i;

	for (; rxq != NULL; rxq = mlx5x_rxq_more(rxq)) {
		now = (const uint64_t *)&rxq->stats;
		then = (const uint64_t *)&rxq->base;
		for (i = 0; i < NB_RX_COUNTERS; i++)
			sums[i] += mlx5x_counter_read(&now[i]) - then[i];
	}
	memcpy(&stats, sums, sizeof(stats));
	return stats;
}

static void
add_rxq(struct rte_eth_stats *stats, const struct mlx5x_rxq_stats *rxq)
{
	stats->ipackets += rxq->packets;
	stats->ibytes += rxq->bytes;
	stats->ierrors += rxq->errors;
	stats->imissed += rxq->lost + rxq->missed;
	stats->rx_nombuf += rxq->no_mbuf;
}

static void
add_txq(struct rte_eth_stats *stats, const struct mlx5x_txq *txq)
{
	stats->opackets += SINCE_RESET(txq, packets);
	stats->obytes += SINCE_RESET(txq, bytes);
	stats->oerrors += SINCE_RESET(txq, unmapped) + SINCE_RESET(txq, undersize) +
		SINCE_RESET(txq, oversize) + SINCE_RESET(txq, segments) + SINCE_RESET(txq, errors);
}

int
mlx5x_stats_get(MLX5X_STATS_GET_ARGS)
{
	const struct rte_eth_dev_data *data = dev->data;
	const struct mlx5x_txq *txq;
	struct mlx5x_rxq_stats rxq;
	uint16_t i;

	for (i = 0; i < data->nb_rx_queues; i++) {
		rxq = sum_rings(data->rx_queues[i]);
		add_rxq(stats, &rxq);
		if (i >= RTE_ETHDEV_QUEUE_STAT_CNTRS)
			continue;
		*MLX5X_QUEUE_STAT(q_ipackets, i) = rxq.packets;
		*MLX5X_QUEUE_STAT(q_ibytes, i) = rxq.bytes;
		*MLX5X_QUEUE_STAT(q_errors, i) = rxq.errors;
	}
	for (i = 0; i < data->nb_tx_queues; i++) {
		txq = data->tx_queues[i];
		if (txq == NULL)
			continue;
		add_txq(stats, txq);
		if (i >= RTE_ETHDEV_QUEUE_STAT_CNTRS)
			continue;
		*MLX5X_QUEUE_STAT(q_opackets, i) = SINCE_RESET(txq, packets);
		*MLX5X_QUEUE_STAT(q_obytes, i) = SINCE_RESET(txq, bytes);
	}
	return 0;
}

int
mlx5x_stats_reset(struct rte_eth_dev *dev)
{
	const struct rte_eth_dev_data *data = dev->data;
	struct mlx5x_rxq *rxq;
	struct mlx5x_txq *txq;
	uint16_t i;

	for (i = 0; i < data->nb_rx_queues; i++)
		for (rxq = data->rx_queues[i]; rxq != NULL; rxq = mlx5x_rxq_more(rxq))
			rxq->base = rxq->stats;
	for (i = 0; i < data->nb_tx_queues; i++) {
		txq = data->tx_queues[i];
		if (txq != NULL)
			txq->base = txq->stats;
	}
	return 0;
}

struct xstat {
	const char *name;
	size_t offset;	/* of the counter in the queue's statistics */
	size_t less;	/* of a counter to subtract, so as to derive hits; 0: none */
};

static const struct xstat rx_xstats[] = {
	{"rx_unmapped_buffers", offsetof(struct mlx5x_rxq_stats, unmapped)},
	{"rx_filtered_packets", offsetof(struct mlx5x_rxq_stats, filtered)},
	{"rx_lost_in_recovery_packets", offsetof(struct mlx5x_rxq_stats, lost)},
	{"rx_without_buffer_packets", offsetof(struct mlx5x_rxq_stats, missed)},
	{"rx_key_cache_hits", offsetof(struct mlx5x_rxq_stats, lookups),
		offsetof(struct mlx5x_rxq_stats, cache_misses)},
	{"rx_key_cache_misses", offsetof(struct mlx5x_rxq_stats, cache_misses)},
	{"rx_completion_errors", offsetof(struct mlx5x_rxq_stats, errors)},
};

static const struct xstat tx_xstats[] = {
	{"tx_unmapped_packets", offsetof(struct mlx5x_txq_stats, unmapped)},
	{"tx_undersize_packets", offsetof(struct mlx5x_txq_stats, undersize)},
	{"tx_oversize_packets", offsetof(struct mlx5x_txq_stats, oversize)},
	{"tx_too_many_segments_packets", offsetof(struct mlx5x_txq_stats, segments)},
	{"tx_lost_in_recovery_packets", offsetof(struct mlx5x_txq_stats, lost)},
	{"tx_key_cache_hits", offsetof(struct mlx5x_txq_stats, lookups),
		offsetof(struct mlx5x_txq_stats, cache_misses)},
	{"tx_key_cache_misses", offsetof(struct mlx5x_txq_stats, cache_misses)},
	{"tx_completion_errors", offsetof(struct mlx5x_txq_stats, errors)},
};

/* Present registrations of the device; not affected by a reset. */
static const struct xstat mr_xstats[] = {
	{"mr_mapped_regions", offsetof(struct mlx5x_mr_usage, mapped_regions)},
	{"mr_mapped_bytes", offsetof(struct mlx5x_mr_usage, mapped_bytes)},
	{"mr_implicit_regions", offsetof(struct mlx5x_mr_usage, implicit_regions)},
	{"mr_implicit_bytes", offsetof(struct mlx5x_mr_usage, implicit_bytes)},
	{"mr_device_mrs", offsetof(struct mlx5x_mr_usage, device_mrs)},
	{"mr_pinned_bytes", offsetof(struct mlx5x_mr_usage, pinned_bytes)},
};

#define NB_PORT_XSTATS (RTE_DIM(rx_xstats) + RTE_DIM(tx_xstats) + RTE_DIM(mr_xstats))

static unsigned int
count_xstats(const struct rte_eth_dev_data *data)
{
	return NB_PORT_XSTATS + data->nb_rx_queues + data->nb_tx_queues;
}

static uint64_t
since_reset(const void *stats, const void *base, size_t offset)
{
	const uint64_t *now = RTE_PTR_ADD(stats, offset);
	const uint64_t *then = RTE_PTR_ADD(base, offset);

	return mlx5x_counter_read(now) - *then;
}

/* The two counters are not read at once: the difference could be negative. */
static uint64_t
value_of(const struct xstat *xstat, const void *stats, const void *base)
{
	uint64_t value = since_reset(stats, base, xstat->offset);
	uint64_t less = xstat->less != 0 ? since_reset(stats, base, xstat->less) : 0;

	return value > less ? value - less : 0;
}

static uint64_t
sum_rx(const struct rte_eth_dev_data *data, const struct xstat *xstat)
{
	static const struct mlx5x_rxq_stats none;
	struct mlx5x_rxq_stats rxq;
	uint64_t sum = 0;
	uint16_t i;

	for (i = 0; i < data->nb_rx_queues; i++) {
		rxq = sum_rings(data->rx_queues[i]);
		sum += value_of(xstat, &rxq, &none);
	}
	return sum;
}

static uint64_t
sum_tx(const struct rte_eth_dev_data *data, const struct xstat *xstat)
{
	const struct mlx5x_txq *txq;
	uint64_t sum = 0;
	uint16_t i;

	for (i = 0; i < data->nb_tx_queues; i++) {
		txq = data->tx_queues[i];
		if (txq != NULL)
			sum += value_of(xstat, &txq->stats, &txq->base);
	}
	return sum;
}

/* The table is in the memory of the primary process. Without its answer all are 0. */
static void
get_usage(struct rte_eth_dev *dev, struct mlx5x_mr_usage *usage)
{
	const struct mlx5x_port *port = dev->data->dev_private;

	if (rte_eal_process_type() == RTE_PROC_PRIMARY)
		mlx5x_mr_get_usage(port->mrs, usage);
	else
		mlx5x_mp_ask_usage(dev->data->port_id, usage);
}

int
mlx5x_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *stats, unsigned int n)
{
	const struct rte_eth_dev_data *data = dev->data;
	unsigned int total = count_xstats(data), i, k = 0;
	const struct mlx5x_txq *txq;
	struct mlx5x_mr_usage usage;

	if (stats == NULL || n < total)
		return total;
	get_usage(dev, &usage);
	for (i = 0; i < RTE_DIM(rx_xstats); i++)
		stats[k++].value = sum_rx(data, &rx_xstats[i]);
	for (i = 0; i < RTE_DIM(tx_xstats); i++)
		stats[k++].value = sum_tx(data, &tx_xstats[i]);
	for (i = 0; i < RTE_DIM(mr_xstats); i++)
		stats[k++].value = *(uint64_t *)RTE_PTR_ADD(&usage, mr_xstats[i].offset);
	for (i = 0; i < data->nb_rx_queues; i++)
		stats[k++].value = sum_rings(data->rx_queues[i]).recoveries;
	for (i = 0; i < data->nb_tx_queues; i++) {
		txq = data->tx_queues[i];
		stats[k++].value = txq != NULL ? SINCE_RESET(txq, recoveries) : 0;
	}
	for (i = 0; i < total; i++)
		stats[i].id = i;
	return total;
}

int
mlx5x_xstats_get_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names, unsigned int n)
{
	unsigned int total = count_xstats(dev->data), i, k = 0;

	if (names == NULL || n < total)
		return total;
	for (i = 0; i < RTE_DIM(rx_xstats); i++)
		snprintf(names[k++].name, sizeof(names->name), "%s", rx_xstats[i].name);
	for (i = 0; i < RTE_DIM(tx_xstats); i++)
		snprintf(names[k++].name, sizeof(names->name), "%s", tx_xstats[i].name);
	for (i = 0; i < RTE_DIM(mr_xstats); i++)
		snprintf(names[k++].name, sizeof(names->name), "%s", mr_xstats[i].name);
	for (i = 0; i < dev->data->nb_rx_queues; i++)
		snprintf(names[k++].name, sizeof(names->name), "rx_q%u_recoveries", i);
	for (i = 0; i < dev->data->nb_tx_queues; i++)
		snprintf(names[k++].name, sizeof(names->name), "tx_q%u_recoveries", i);
	return total;
}
