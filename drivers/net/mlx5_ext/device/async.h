/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * async.h - events of the rdma device, taken in by EAL's interrupt thread: a port that goes up or
 * down becomes LSC, a dead device becomes RTE_ETH_EVENT_INTR_RMV.
 *
 * The application is told with a hold of the port and none of the device. It may close the port then,
 * and remove the device.
 */
#ifndef MLX5X_ASYNC_H_
#define MLX5X_ASYNC_H_

struct mlx5x_device;

/* The device is in the list. 0 or -errno. */
int mlx5x_async_start(struct mlx5x_device *device);

/* Nobody holds the device any more. Waits until an event has been dealt with, unless it is called by it. */
void mlx5x_async_stop(struct mlx5x_device *device);

#endif
