/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ends.h - what is done to both ends of a cable within the process, and in which order. Both are up and
 * are the caller's meanwhile: nobody else works at them, and neither goes. A port that is joined to
 * itself is its own other end. No lock is held; waits for the other end within the limit.
 */
#ifndef MLX5X_ENDS_H_
#define MLX5X_ENDS_H_

#include <stdbool.h>
#include <stdint.h>

struct mlx5x_port;
struct mlx5x_limit;

/* For messages: the transport of a device, whose wires do not fit those of the other. */
static inline const char *
mlx5x_ends_transport(bool iwarp)
{
	return iwarp ? "iWARP" : "RoCE or InfiniBand";
}

/*
 * Connects the pairs of both, and opens them. 0; -EINVAL after a log line: they do not fit together;
 * -ETIMEDOUT, -ECANCELED or -errno of a QP's transition. Then all pairs of both wait, with nothing left
 * of a connection.
 */
int mlx5x_ends_join(struct mlx5x_port *port, struct mlx5x_port *other,
	const struct mlx5x_limit *limit);

/* The same with one pair of ends that are joined, which has met an error. */
int mlx5x_ends_recover(struct mlx5x_port *port, struct mlx5x_port *other, uint16_t index,
	const struct mlx5x_limit *limit);

#endif
