/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * open.h - opens and closes a device; device.h has its states. May sleep.
 */
#ifndef MLX5X_OPEN_H_
#define MLX5X_OPEN_H_

#include <rte_pci.h>

struct mlx5x_async_handlers;
struct mlx5x_device;

/*
 * Opens the rdma device of the function and passes its events to the handlers. 0; -EEXIST: open
 * already; -ENOENT: no rdma device; -ENOMEM; -errno of a verb or of EAL's interrupts. Errors are
 * logged and leave nothing behind.
 */
int mlx5x_device_open(const struct rte_pci_addr *addr, const char *name,
	const struct mlx5x_async_handlers *handlers, struct mlx5x_device **device);

/*
 * For removal, or for a probe that failed to create a port: waits for the holders, ends all
 * mappings and frees the device. Requires that it has no port. Also inside the handler of its own
 * event.
 */
void mlx5x_device_close(struct mlx5x_device *device);

/*
 * Closes the rdma device of a dead device without a port, and ends its mappings. Does nothing if
 * the device is not dead, has a port, or another thread does it already.
 */
void mlx5x_device_leave(struct mlx5x_device *device);

#endif
