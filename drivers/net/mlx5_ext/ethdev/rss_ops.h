/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rss_ops.h - the ethdev ops of RSS. steer/rss.h has what they change. Control path only, under
 * ethdev's rule that its callers do not run at once.
 */
#ifndef MLX5X_RSS_OPS_H_
#define MLX5X_RSS_OPS_H_

#include <stdint.h>

#include <ethdev_driver.h>

/* From the configuration of the port: the table spreads over all Rx queues. -EINVAL: a bad key. */
int mlx5x_rss_configure(struct rte_eth_dev *dev);

/* The ethdev ops. -ENOTSUP where the wire cannot; after an error all is as before. */
int mlx5x_rss_reta_update(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *conf,
	uint16_t size);
int mlx5x_rss_reta_query(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *conf,
	uint16_t size);
int mlx5x_rss_hash_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);
int mlx5x_rss_hash_conf_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);

#endif
