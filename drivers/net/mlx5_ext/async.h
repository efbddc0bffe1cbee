/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * async.h - events of the rdma device, taken in by EAL's interrupt thread: a port that goes up or
 * down becomes LSC, a dead device becomes RTE_ETH_EVENT_INTR_RMV.
 */
#ifndef MLX5X_ASYNC_H_
#define MLX5X_ASYNC_H_

struct mlx5x_port;

/* Between probe and close. 0 or -errno. */
int mlx5x_async_start(struct mlx5x_port *port);
void mlx5x_async_stop(struct mlx5x_port *port);

#endif
