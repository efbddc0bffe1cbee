/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ends.h - operations on both ends of a cable within the process. Both ports are up and owned by
 * the caller meanwhile, as in peer.c; a port connected to itself is its own other end. No lock is
 * held; waits for the other end within the limit.
 */
#ifndef MLX5X_ENDS_H_
#define MLX5X_ENDS_H_

#include <stdbool.h>
#include <stdint.h>

struct mlx5x_port;
struct mlx5x_limit;

/* Whether each end has an Rx queue for what the other one sends. */
static inline bool
mlx5x_ends_receive(uint16_t rx, uint16_t tx, uint16_t other_rx, uint16_t other_tx)
{
	return (rx != 0 || other_tx == 0) && (other_rx != 0 || tx == 0);
}

/* The name of a transport, for log lines. */
static inline const char *
mlx5x_ends_transport(bool iwarp)
{
	return iwarp ? "iWARP" : "RoCE or InfiniBand";
}

/*
 * Connects and opens the pairs of both, folded (fold.h). 0; -EINVAL after a log line: their wires
 * differ, or one has Tx queues and the other no Rx queue; -ETIMEDOUT, -ECANCELED or -errno of
 * mlx5x_fold() or a QP's transition. On failure all pairs of both are in INIT.
 */
int mlx5x_ends_join(struct mlx5x_port *port, struct mlx5x_port *other,
	const struct mlx5x_limit *limit);

/*
 * Resets and connects one failed pair of two connected ends. On failure both its ends are in INIT.
 */
int mlx5x_ends_recover(struct mlx5x_port *port, struct mlx5x_port *other, uint16_t index,
	const struct mlx5x_limit *limit);

#endif
