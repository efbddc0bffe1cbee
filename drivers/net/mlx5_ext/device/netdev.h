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

#include <netinet/in.h>

#include <rte_ether.h>

/* All ask the kernel anew at each call; any thread. */

/* 0; -EINVAL: it is not of Ethernet; or -errno. */
int mlx5x_netdev_mac(const char *netdev, struct rte_ether_addr *mac);

/*
 * An address that others on the same network reach it by, without a route: the link-local one of
 * IPv6, else one of IPv4, mapped into IPv6 as the GIDs of RoCE v2 are. -EADDRNOTAVAIL: it has none.
 */
int mlx5x_netdev_ip(const char *netdev, struct in6_addr *ip);

/* 0: there is no such netdev. */
unsigned int mlx5x_netdev_index(const char *netdev);

/* False also if the netdev is administratively down. */
bool mlx5x_netdev_carrier(const char *netdev);

/* Of the buffer for the name of a function, with its final 0. */
#define MLX5X_NETDEV_FUNCTION_SIZE 32

/*
 * The PCI address of the function that the netdev is of ("0000:00:10.0"), also if a virtio device is
 * between them; for one of another bus, its name there. 0 or -errno; -ENOENT: of no bus.
 */
int mlx5x_netdev_function(const char *netdev, char function[MLX5X_NETDEV_FUNCTION_SIZE]);

/* Mbit/s; RTE_ETH_SPEED_NUM_UNKNOWN if the netdev does not say. */
uint32_t mlx5x_netdev_speed(const char *netdev);

#endif
