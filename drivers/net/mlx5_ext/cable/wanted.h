/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wanted.h - which pairs of a port are to be recovered: put down by bursts, which must not wait, and
 * taken by the thread that works at the port's cable. Made with the first start of the port, and there
 * until it is closed, so that a burst which is late for a stop finds it. No locks.
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
 * By bursts and other threads; index is less than MLX5X_PORT_PAIRS. One system call, which never waits,
 * until the pair is taken.
 */
void mlx5x_wanted_add(struct mlx5x_wanted *wanted, uint16_t index);

/* Readable when a pair is wanted. */
int mlx5x_wanted_fd(const struct mlx5x_wanted *wanted);

/*
 * By one thread, until there is none when the descriptor is readable. True: *index is the lowest of the
 * pairs that were wanted, and it is no longer; false: none is.
 */
bool mlx5x_wanted_take(struct mlx5x_wanted *wanted, uint16_t *index);

#endif
