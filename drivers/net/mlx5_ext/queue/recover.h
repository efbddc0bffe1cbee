/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * recover.h - recovery of a queue pair after an error CQE. Started by the first that sees the
 * error: a burst of either queue, also an empty one, tx_done_cleanup, an unmap that finds buffers
 * of the queue; else, or if the lock is taken at that moment, by stall.h.
 */
#ifndef MLX5X_RECOVER_H_
#define MLX5X_RECOVER_H_

#include <stdbool.h>
#include <stdint.h>

struct mlx5x_port;

/*
 * Recovers pair index of the port by the op of its wire: the pair, or its failed side, is reset and
 * reconnected, and its receives are posted again. Any thread, outside of gates and without the
 * locks of ports and tables.
 */
void mlx5x_recover(struct mlx5x_port *port, uint16_t index);

/*
 * For wires where one end recovers alone: a bounded number of system calls on the objects of the
 * pair. Does nothing if another thread holds the port's lock: the queue stays marked as failed for
 * the next attempt. Logs a failure.
 */
void mlx5x_recover_alone(struct mlx5x_port *port, uint16_t index);

/* mlx5x_recover() for each failed pair of the port. True if there was one. */
bool mlx5x_recover_marked(struct mlx5x_port *port);

#endif
