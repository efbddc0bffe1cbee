/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * nldev.h - what the kernel says of rdma devices by RDMA netlink, its interface of that name.
 *
 * Asked there and not in sysfs: siw's folder does not name its netdev, and sysfs shows the netdevs of
 * the network namespace that it was mounted in. Source: rdma/rdma_netlink.h.
 */
#ifndef MLX5X_NLDEV_H_
#define MLX5X_NLDEV_H_

#include <stddef.h>
#include <stdint.h>

/*
 * The name of the netdev that port 1 of the rdma device is on; size is that of the buffer. The device
 * goes by the kernel's index of it (ibv_get_device_index()). 0; -ENOENT: it is on none, or on one of
 * another network namespace; or -errno. Asks anew at each call; any thread.
 */
int mlx5x_nldev_netdev(uint32_t index, char *netdev, size_t size);

#endif
