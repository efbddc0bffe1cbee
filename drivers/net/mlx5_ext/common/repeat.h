/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * repeat.h - limits a log line to one per second, with a count of the skipped ones, for errors that
 * a loop of the application may cause thousands of times a second. Control path, any thread; no
 * lock.
 */
#ifndef MLX5X_REPEAT_H_
#define MLX5X_REPEAT_H_

#include <stdbool.h>
#include <stdint.h>

/* Zero: nothing written yet. */
struct mlx5x_repeat {
	uint64_t next;		/* ns of CLOCK_MONOTONIC: the next line is due */
	uint64_t skipped;	/* lines since the last one */
};

/* True: write the line; *skipped is the number of lines skipped since the last one. */
bool mlx5x_repeat_is_due(struct mlx5x_repeat *repeat, uint64_t *skipped);

#endif
