/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * counter.h - statistics with one writer, the burst, and any number of readers; and flags between a
 * burst and the control path. Flags order no other access: their data is under a gate or a lock.
 */
#ifndef MLX5X_COUNTER_H_
#define MLX5X_COUNTER_H_

#include <stdbool.h>
#include <stdint.h>

/* Writer only: not an atomic add, but a store that does not tear. For mlx5x_counter_read(). */
static inline void
mlx5x_counter_add(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

static inline uint64_t
mlx5x_counter_read(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static inline void
mlx5x_flag_set(bool *flag, bool value)
{
	__atomic_store_n(flag, value, __ATOMIC_RELAXED);
}

static inline bool
mlx5x_flag_read(const bool *flag)
{
	return __atomic_load_n(flag, __ATOMIC_RELAXED);
}

#endif
