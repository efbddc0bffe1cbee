/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * netdev.h - what the kernel's netdev of a function says. The driver is bifurcated: it reads the
 * netdev and never changes it.
 */
#ifndef MLX5X_NETDEV_H_
#define MLX5X_NETDEV_H_

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>

/* All read sysfs ("/sys", another root in tests) anew at each call. */

/* 0, or -errno. */
int mlx5x_netdev_mac(const char *sysfs, const char *netdev, struct rte_ether_addr *mac);

/* False also if the netdev is administratively down. */
bool mlx5x_netdev_carrier(const char *sysfs, const char *netdev);

/* Mbit/s; RTE_ETH_SPEED_NUM_UNKNOWN if the netdev does not say. */
uint32_t mlx5x_netdev_speed(const char *sysfs, const char *netdev);

#endif
