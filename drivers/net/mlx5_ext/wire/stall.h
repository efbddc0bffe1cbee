/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * stall.h - finds queues that failed and that nobody comes to see, and Tx queues whose oldest packet
 * does not complete. On a reliable wire that is what remains of an error that the device does not tell
 * of (rxe of Linux 6.1 drops the acknowledges after a work request with a wrong key, and completes
 * nothing any more), or another end that takes nothing. On others the completion is there, and no
 * burst takes it in, or the network is held up: only an error among the completions is one. Looks
 * twice a second, in EAL's interrupt thread, so that the data path reads no clock. What bursts have for
 * the log is written by it as well, since a line of it costs more than they may take.
 */
#ifndef MLX5X_STALL_H_
#define MLX5X_STALL_H_

struct mlx5x_port;

/* A packet is looked after when it is that many milliseconds old, and up to one look more. */
#define MLX5X_STALL_MS 2000
#define MLX5X_STALL_LOOK_MS 500

/*
 * Between up and down of the port, whose lock must be free. A queue found is marked as failed and
 * recovered. start: 0 or -errno. stop also if it was not started; when it returns nobody looks, and
 * the log has its lines.
 */
int mlx5x_stall_start(struct mlx5x_port *port);
void mlx5x_stall_stop(struct mlx5x_port *port);

#endif
