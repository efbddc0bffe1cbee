/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * netwatch.h - notices the removal of a netdev: by the kernel's messages, from a socket of route
 * netlink. For the netdev of a software rdma device, which goes with it: the kernel waits until
 * each process has closed that, and sends no IBV_EVENT_DEVICE_FATAL before.
 * Sources: rtnetlink(7); ib_uverbs_remove_one() in drivers/infiniband/core/uverbs_main.c (Linux).
 */
#ifndef MLX5X_NETWATCH_H_
#define MLX5X_NETWATCH_H_

#include <stdbool.h>

/*
 * Opens a descriptor, to be closed by the caller, which is readable after a change of any netdev of
 * the process's network namespace. 0 or -errno.
 */
int mlx5x_netwatch_open(int *fd);

/*
 * Reads the messages that have come; never waits. True: one of them reports the removal of the
 * netdev of this index, from the system or from the namespace, or it may have been lost and there
 * is no such netdev.
 */
bool mlx5x_netwatch_is_gone(int fd, unsigned int index);

#endif
