/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * stall.h - the watchdog of the queues: detects failed queues that no burst polls, and Tx queues
 * whose oldest packet does not complete. On a reliable wire the cause is an error without a CQE
 * (rxe of Linux 6.1 drops the acknowledges after a WQE with a wrong lkey, and completes no WQE any
 * more), or another end that posts no receives. On other wires the CQE is not polled, or the
 * network is slow: only an error CQE counts as a failure. Looks twice a second, in EAL's interrupt
 * thread, so that the data path reads no clock. Also writes the log lines of bursts, which must not
 * do so themselves.
 */
#ifndef MLX5X_STALL_H_
#define MLX5X_STALL_H_

struct mlx5x_port;

/*
 * Milliseconds until a packet that does not complete is a failure, up to one look more. Less takes
 * a slow receiver for a failed one (wire=rc waits for its buffers without end); more keeps a failed
 * queue down for longer.
 */
#define MLX5X_STALL_MS 2000
#define MLX5X_STALL_LOOK_MS 500

/*
 * Between up and down of the port, whose lock must be free. Marks the queues it detects as failed
 * and recovers them. start: 0; -ENOMEM; -errno of the alarm. stop: also if not started; waits for a
 * look in progress, and writes outstanding log lines.
 */
int mlx5x_stall_start(struct mlx5x_port *port);
void mlx5x_stall_stop(struct mlx5x_port *port);

#endif
