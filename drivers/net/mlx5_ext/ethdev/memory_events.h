/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * memory_events.h - what a port does when EAL's memory and the mempools come and go: mr/implicit.h.
 */
#ifndef MLX5X_MEMORY_EVENTS_H_
#define MLX5X_MEMORY_EVENTS_H_

struct mlx5x_port;

/*
 * Follows the events of memory for the port, and those of mempools for all ports that can be found.
 * 0, or -errno and nothing is left of it. stop: all implicit regions of the port end; nobody finds it
 * any more, and nobody holds it.
 */
int mlx5x_memory_events_start(struct mlx5x_port *port);
void mlx5x_memory_events_stop(struct mlx5x_port *port);

/* The pools that there are, if they are to have keys, once the port can be found. */
void mlx5x_memory_events_cover_pools(struct mlx5x_port *port);

#endif
