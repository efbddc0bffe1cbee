/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * range.h - bytes of memory that follow each other. Pure.
 */
#ifndef MLX5X_RANGE_H_
#define MLX5X_RANGE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mlx5x_range {
	uintptr_t start;
	size_t len;
};

/* True if any of the len bytes at start are in the range. Never wraps. */
static inline bool
mlx5x_range_touches(const struct mlx5x_range *range, uintptr_t start, size_t len)
{
	return start >= range->start ? start - range->start < range->len :
		range->start - start < len;
}

/* True if all of the len bytes at start, one at least, are in the range. Never wraps. */
static inline bool
mlx5x_range_holds(const struct mlx5x_range *range, uintptr_t start, size_t len)
{
	return start >= range->start && start - range->start < range->len &&
		len <= range->len - (start - range->start);
}

#endif
