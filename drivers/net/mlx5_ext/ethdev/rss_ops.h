/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rss_ops.h - the ethdev ops of RSS, which change steer/rss.h. Control path only; ethdev requires
 * that the application does not call them concurrently.
 */
#ifndef MLX5X_RSS_OPS_H_
#define MLX5X_RSS_OPS_H_

#include <stdint.h>

#include <ethdev_driver.h>

/* dev_configure: the table distributes to all Rx queues. 0; -EINVAL: the key has a wrong length. */
int mlx5x_rss_configure(struct rte_eth_dev *dev);

/*
 * The ethdev ops. 0; -ENOTSUP: the wire has no RSS; -EINVAL: wrong size, key, queue or hash fields;
 * -errno of the device. Nothing changes on failure.
 */
int mlx5x_rss_reta_update(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *conf,
	uint16_t size);
int mlx5x_rss_reta_query(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *conf,
	uint16_t size);
int mlx5x_rss_hash_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);
int mlx5x_rss_hash_conf_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);

#endif
