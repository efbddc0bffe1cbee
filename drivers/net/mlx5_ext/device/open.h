/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * open.h - how a device comes and goes: device.h has its states. May sleep.
 */
#ifndef MLX5X_OPEN_H_
#define MLX5X_OPEN_H_

#include <rte_pci.h>

struct mlx5x_async_handlers;
struct mlx5x_device;

/*
 * Opens the rdma device of the function; its events go to the handlers. 0; -EEXIST: there is one of
 * that address already; -ENOENT: there is no rdma device; -ENOMEM; -errno of the verb that failed, or
 * of EAL's interrupts. Errors are logged, and then nothing is left.
 */
int mlx5x_device_open(const struct rte_pci_addr *addr, const char *name,
	const struct mlx5x_async_handlers *handlers, struct mlx5x_device **device);

/*
 * Removal, or a probe that made no port: waits for those who hold the device, ends every mapping, and
 * frees it. It has no port any more. Also from what an event of the device called.
 */
void mlx5x_device_close(struct mlx5x_device *device);

/* A dead device without a port leaves, by this call or by another one that is at it. Else nothing. */
void mlx5x_device_leave(struct mlx5x_device *device);

#endif
