/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * netdev.h - queries of a function's netdev in the kernel. The driver is bifurcated: it reads the
 * netdev, and changes nothing of it but the MTU, which is the hardware's too.
 *
 * By ioctl, not by sysfs, which shows the netdevs of the network namespace that it was mounted in.
 * Sources: netdevice(7), linux/ethtool.h.
 */
#ifndef MLX5X_NETDEV_H_
#define MLX5X_NETDEV_H_

#include <stdbool.h>
#include <stdint.h>

#include <netinet/in.h>

#include <rte_ether.h>

/* Each call queries the kernel; any thread. */

/* 0; -EINVAL: not an Ethernet device; or -errno. */
int mlx5x_netdev_mac(const char *netdev, struct rte_ether_addr *mac);

/*
 * An address that others on the same network can reach without a route: the link-local IPv6
 * address, else an IPv4 address, mapped into IPv6 as GIDs of RoCE v2 are. 0; -EADDRNOTAVAIL: it has
 * none; or -errno.
 */
int mlx5x_netdev_ip(const char *netdev, struct in6_addr *ip);

/* The kernel's index of the netdev; 0: there is no such netdev. */
unsigned int mlx5x_netdev_index(const char *netdev);

/*
 * Raises the MTU to mtu, unless it is that or more. 0; -EPERM: not permitted to (CAP_NET_ADMIN);
 * -EINVAL: more than the netdev has; or -errno.
 */
int mlx5x_netdev_raise_mtu(const char *netdev, uint16_t mtu);

/* True if it has a carrier. False also if it is administratively down. */
bool mlx5x_netdev_carrier(const char *netdev);

/* Bytes of a function's name, with the terminating 0. */
#define MLX5X_NETDEV_FUNCTION_SIZE 32

/*
 * The PCI address of the netdev's function ("0000:00:10.0"), also with a virtio device between
 * them; on another bus, its name there. 0; -ENOENT: on no bus; or -errno.
 */
int mlx5x_netdev_function(const char *netdev, char function[MLX5X_NETDEV_FUNCTION_SIZE]);

/* Mbit/s; RTE_ETH_SPEED_NUM_UNKNOWN if the netdev does not report it. */
uint32_t mlx5x_netdev_speed(const char *netdev);

#endif
