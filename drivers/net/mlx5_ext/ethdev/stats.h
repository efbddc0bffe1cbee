/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * stats.h - the ethdev statistics ops. Counters belong to the queues and only grow; a reset
 * remembers where it was, so that a burst never races with it.
 */
#ifndef MLX5X_STATS_H_
#define MLX5X_STATS_H_

#include "common/compat.h"

int mlx5x_stats_get(MLX5X_STATS_GET_ARGS);
int mlx5x_stats_reset(struct rte_eth_dev *dev);
int mlx5x_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *stats, unsigned int n);
int mlx5x_xstats_get_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names,
	unsigned int n);

#endif
