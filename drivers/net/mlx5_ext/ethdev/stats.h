/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * stats.h - the ethdev statistics ops. The counters belong to the queues and only grow; a reset
 * stores their values as base, so that it does not write what bursts write. Queues that are not set
 * up count as zero. Any thread, but not beside the setup or release of a queue; xstats_get takes
 * mrs->lock.
 */
#ifndef MLX5X_STATS_H_
#define MLX5X_STATS_H_

#include "common/compat.h"

/* Always 0. */
int mlx5x_stats_get(MLX5X_STATS_GET_ARGS);
int mlx5x_stats_reset(struct rte_eth_dev *dev);

/* The number of xstats; nothing is written if n is less than that, or if the array is NULL. */
int mlx5x_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *stats, unsigned int n);
int mlx5x_xstats_get_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names,
	unsigned int n);

#endif
