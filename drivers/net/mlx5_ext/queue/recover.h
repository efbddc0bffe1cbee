/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * recover.h - brings a queue pair back after a completion with an error. Whoever meets the error begins
 * with it: a burst of either queue, also an empty one, tx_done_cleanup, an unmap that finds buffers
 * of the queue; and if nobody does, or the lock is another's at that moment, stall.h.
 */
#ifndef MLX5X_RECOVER_H_
#define MLX5X_RECOVER_H_

#include <stdbool.h>
#include <stdint.h>

struct mlx5x_port;

/*
 * Takes pair index of the port, or the side of it that failed, through reset and back into service,
 * and posts its receives again, as the wire does it. Any thread, outside of gates and with the locks
 * of ports and tables free.
 */
void mlx5x_recover(struct mlx5x_port *port, uint16_t index);

/*
 * For wires that one end recovers alone: a bounded number of system calls on the objects of the pair,
 * which wait for nobody but the device; if another thread holds the port's lock it does nothing: the
 * queue stays marked, and the next one who looks tries again.
 */
void mlx5x_recover_alone(struct mlx5x_port *port, uint16_t index);

/* The same for each pair of the port that is marked. True if there was one. */
bool mlx5x_recover_marked(struct mlx5x_port *port);

#endif
