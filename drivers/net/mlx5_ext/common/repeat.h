/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * repeat.h - a log line that a loop of the application would write thousands of times a second is
 * written once a second, and tells how often it was not. Control path, any thread; no lock.
 */
#ifndef MLX5X_REPEAT_H_
#define MLX5X_REPEAT_H_

#include <stdbool.h>
#include <stdint.h>

/* All zero: nothing was written yet. */
struct mlx5x_repeat {
	uint64_t next;		/* nanoseconds of CLOCK_MONOTONIC: when a line is due again */
	uint64_t skipped;	/* since the last one */
};

/* True: write it. *skipped is then how often it was not since the last one. */
bool mlx5x_repeat_is_due(struct mlx5x_repeat *repeat, uint64_t *skipped);

#endif
