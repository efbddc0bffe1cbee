/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * nldev.h - queries of rdma devices by RDMA netlink (NLDEV).
 *
 * Not by sysfs: siw's folder does not name its netdev, and sysfs shows the netdevs of the network
 * namespace that it was mounted in. Source: rdma/rdma_netlink.h.
 */
#ifndef MLX5X_NLDEV_H_
#define MLX5X_NLDEV_H_

#include <stddef.h>
#include <stdint.h>

/*
 * Copies the name of the netdev of the rdma device's port 1 to a buffer of size bytes. index: the
 * kernel's, of ibv_get_device_index(). 0; -ENOENT: it has none, or one of another network
 * namespace; or -errno. Each call queries the kernel; any thread.
 */
int mlx5x_nldev_netdev(uint32_t index, char *netdev, size_t size);

#endif
