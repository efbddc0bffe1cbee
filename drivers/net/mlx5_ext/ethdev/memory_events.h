/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * memory_events.h - the callbacks of EAL memory and of mempools, for implicit registration:
 * mr/implicit.h.
 */
#ifndef MLX5X_MEMORY_EVENTS_H_
#define MLX5X_MEMORY_EVENTS_H_

struct mlx5x_port;

/*
 * start: registers the callback of memory events for the port, and once that of mempools, for all
 * published ports. 0 or -errno of these, with all undone. stop: unregisters the former and retires
 * all implicit regions; called when no thread can find the port or holds a reference to it.
 */
int mlx5x_memory_events_start(struct mlx5x_port *port);
void mlx5x_memory_events_stop(struct mlx5x_port *port);

/*
 * After publishing the port: registers the existing pools, if its mode is mempool. Logs failures.
 */
void mlx5x_memory_events_cover_pools(struct mlx5x_port *port);

#endif
