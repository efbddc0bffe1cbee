/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * filter_ops.h - the ethdev ops of the filter of received frames, which change steer/filter.h.
 * Control path only; ethdev requires that the application does not call them concurrently.
 */
#ifndef MLX5X_FILTER_OPS_H_
#define MLX5X_FILTER_OPS_H_

#include <stdint.h>

#include <ethdev_driver.h>

/*
 * 0; or -errno of the device: then the filter is as before, unless a log line reports that its
 * flow rules could not be restored. mac_addr_add, set_mc_addr_list: -ENOSPC: not so many
 * addresses; -EINVAL: no multicast address.
 */
int mlx5x_promiscuous_enable(struct rte_eth_dev *dev);
int mlx5x_promiscuous_disable(struct rte_eth_dev *dev);
int mlx5x_allmulticast_enable(struct rte_eth_dev *dev);
int mlx5x_allmulticast_disable(struct rte_eth_dev *dev);
int mlx5x_mac_addr_set(struct rte_eth_dev *dev, struct rte_ether_addr *mac);
int mlx5x_mac_addr_add(struct rte_eth_dev *dev, struct rte_ether_addr *mac, uint32_t index,
	uint32_t vmdq);
void mlx5x_mac_addr_remove(struct rte_eth_dev *dev, uint32_t index);
int mlx5x_set_mc_addr_list(struct rte_eth_dev *dev, struct rte_ether_addr *groups, uint32_t n);

#endif
