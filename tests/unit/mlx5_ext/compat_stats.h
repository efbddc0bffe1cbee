/* SPDX-License-Identifier: BSD-3-Clause */
/* Where mlx5x_stats_get() puts a queue's counters: from DPDK 25.11 on in a structure of their own. */
#ifndef UNIT_COMPAT_STATS_H
#define UNIT_COMPAT_STATS_H

#include "common/compat.h"

#if RTE_VERSION >= RTE_VERSION_NUM(25, 11, 0, 0)
struct compat_stats {
	struct rte_eth_stats port;
	struct eth_queue_stats queue;
};
#define COMPAT_STATS_GET(dev, stats) mlx5x_stats_get(dev, &(stats)->port, &(stats)->queue)
#define COMPAT_QUEUE(stats, field, i) ((stats)->queue.field[i])
#else
struct compat_stats {
	struct rte_eth_stats port;
};
#define COMPAT_STATS_GET(dev, stats) mlx5x_stats_get(dev, &(stats)->port)
#define COMPAT_QUEUE(stats, field, i) ((stats)->port.field[i])
#endif

#endif
