/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * netdev.h - what the kernel's netdev of a function says. The driver is bifurcated: it reads the
 * netdev and never changes it.
 *
 * Asked by ioctl and not in sysfs, which shows the netdevs of the network namespace that it was
 * mounted in. Sources: netdevice(7), linux/ethtool.h.
 */
#ifndef MLX5X_NETDEV_H_
#define MLX5X_NETDEV_H_

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>

/* All ask the kernel anew at each call; any thread. */

/* 0; -EINVAL: it is not of Ethernet; or -errno. */
int mlx5x_netdev_mac(const char *netdev, struct rte_ether_addr *mac);

/* False also if the netdev is administratively down. */
bool mlx5x_netdev_carrier(const char *netdev);

/* Mbit/s; RTE_ETH_SPEED_NUM_UNKNOWN if the netdev does not say. */
uint32_t mlx5x_netdev_speed(const char *netdev);

#endif
