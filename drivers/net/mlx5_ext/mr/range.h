/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * range.h - a contiguous range of memory. Pure functions.
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

/* True if the range overlaps the len bytes at start. Safe against overflow. */
static inline bool
mlx5x_range_touches(const struct mlx5x_range *range, uintptr_t start, size_t len)
{
	return start >= range->start ? start - range->start < range->len :
		range->start - start < len;
}

/* True if the range contains all of the len >= 1 bytes at start. Safe against overflow. */
static inline bool
mlx5x_range_holds(const struct mlx5x_range *range, uintptr_t start, size_t len)
{
	return start >= range->start && start - range->start < range->len &&
		len <= range->len - (start - range->start);
}

#endif
