/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wanted.h - the pairs of a port to be recovered: a set that bursts, which must not wait, add to,
 * and the thread of the port's cable takes from. Created at the first start of the port and freed
 * at its close, so that a burst may use it during a stop. No locks.
 */
#ifndef MLX5X_WANTED_H_
#define MLX5X_WANTED_H_

#include <stdbool.h>
#include <stdint.h>

struct mlx5x_wanted;

/* 0; -ENOMEM; -errno of a descriptor. */
int mlx5x_wanted_create(struct mlx5x_wanted **wanted);

/* NULL is allowed. */
void mlx5x_wanted_destroy(struct mlx5x_wanted *wanted);

/*
 * By bursts and other threads; index is less than MLX5X_PORT_PAIRS. At most one system call, which
 * never waits, until the pair is taken.
 */
void mlx5x_wanted_add(struct mlx5x_wanted *wanted, uint16_t index);

/* A descriptor that is readable while the set is not empty. */
int mlx5x_wanted_fd(const struct mlx5x_wanted *wanted);

/*
 * By one thread, when the descriptor is readable, until it returns false: the set is empty. True:
 * *index is the lowest pair, and removed.
 */
bool mlx5x_wanted_take(struct mlx5x_wanted *wanted, uint16_t *index);

#endif
