/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * limit.h - the limit of a wait: a deadline, and a descriptor whose readability ends the wait at
 * once.
 *
 * Functions that wait return -ETIMEDOUT at the deadline, -ECANCELED when woken, or another -errno
 * of poll(2). Any thread; no locks.
 */
#ifndef MLX5X_LIMIT_H_
#define MLX5X_LIMIT_H_

#include <stdint.h>

struct mlx5x_limit {
	uint64_t deadline;	/* ms, of mlx5x_limit_now() */
	int wake;		/* a descriptor; -1: only the deadline */
};

/* No deadline. */
#define MLX5X_LIMIT_FOREVER UINT64_MAX

/* Milliseconds of CLOCK_MONOTONIC. */
uint64_t mlx5x_limit_now(void);

/* Milliseconds until the deadline, at least 0; -1: no deadline. A timeout for poll(2). */
int mlx5x_limit_left(const struct mlx5x_limit *limit);

/* Waits for events of poll(2), or an error, on fd; -1 never has any. 0: there are some. */
int mlx5x_limit_wait(int fd, short events, const struct mlx5x_limit *limit);

/* Descriptors at most that a caller in this driver watches at once. */
#define MLX5X_LIMIT_WATCHED 3

/*
 * Waits until one of 1 to MLX5X_LIMIT_WATCHED descriptors is readable or closed: returns its index,
 * the lowest of several. A descriptor of -1 is ignored.
 */
int mlx5x_limit_watch(const int *fds, unsigned int n, const struct mlx5x_limit *limit);

/* Waits for the deadline: returns -ETIMEDOUT, or -ECANCELED when woken. */
int mlx5x_limit_pause(const struct mlx5x_limit *limit);

#endif
