/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * limit.h - what ends a wait: its deadline, and at once when someone makes the limit's wake descriptor
 * readable.
 *
 * Functions that wait return -ETIMEDOUT, -ECANCELED when woken, or another -errno of poll(2). Any
 * thread; no locks.
 */
#ifndef MLX5X_LIMIT_H_
#define MLX5X_LIMIT_H_

#include <stdint.h>

struct mlx5x_limit {
	uint64_t deadline;	/* by mlx5x_limit_now() */
	int wake;		/* a descriptor; -1: nobody wakes */
};

/* No deadline. */
#define MLX5X_LIMIT_FOREVER UINT64_MAX

/* Milliseconds of a clock that only goes forward. */
uint64_t mlx5x_limit_now(void);

/* Milliseconds until the deadline, at least 0; -1: there is none. */
int mlx5x_limit_left(const struct mlx5x_limit *limit);

/* Waits for events of poll(2) on a descriptor, or for an error of it; -1 never has any. 0: there are. */
int mlx5x_limit_wait(int fd, short events, const struct mlx5x_limit *limit);

#define MLX5X_LIMIT_WATCHED 3

/*
 * Waits until one of n descriptors, MLX5X_LIMIT_WATCHED at most, has something to read or is closed:
 * its index, the first one's if there are several. A descriptor may be -1, which never has.
 */
int mlx5x_limit_watch(const int *fds, unsigned int n, const struct mlx5x_limit *limit);

/* Waits for the deadline: -ETIMEDOUT, or -ECANCELED. */
int mlx5x_limit_pause(const struct mlx5x_limit *limit);

#endif
