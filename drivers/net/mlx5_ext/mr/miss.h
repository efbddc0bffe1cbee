/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * miss.h - the ranges that a queue failed to register, so that the next packets in them cost a few
 * compares instead of another attempt.
 *
 * They are valid for RETRY_MS, or until EAL's memory changes. After MLX5X_MISS_RANGES failed ranges
 * within that time the queue attempts no registration at all until it is over. A new mapping works
 * at once: it is found in the index, before this. Used by the queue's burst, or by a thread that
 * has closed its gate.
 */
#ifndef MLX5X_MISS_H_
#define MLX5X_MISS_H_

#include <stdbool.h>
#include <stdint.h>

#include <rte_branch_prediction.h>
#include <rte_cycles.h>

#include "mr/mr.h"

/* More ranges save attempts, but cost each packet without an lkey more compares. */
#define MLX5X_MISS_RANGES 4
/* Bursts between two attempts of an Rx queue: more cost less, fewer find a new mapping sooner. */
#define MLX5X_MISS_PAUSE 16

struct mlx5x_miss {
	uintptr_t addr;		/* mlx5x_miss_addr() */
	uint32_t nb_failed;
	uint32_t losses;	/* mlx5x_mr_losses() at the first of them */
	uint64_t until;		/* TSC cycles: the end of all of them */
	struct mlx5x_range failed[MLX5X_MISS_RANGES];
	uint32_t pause;		/* bursts until another buffer is tried; Rx */
	/* Of the first failed attempt ever, for the log, as bursts write none. */
	uintptr_t first_addr;
	int first_error;	/* 0: none. Release; pairs with mlx5x_miss_report() */
	bool reported;		/* by mlx5x_miss_report() */
};

/*
 * The last address without an lkey. Set inside the gate, or by a recovery that has closed it; read
 * by the burst outside: relaxed, as either value will do.
 */
static inline void
mlx5x_miss_set_addr(struct mlx5x_miss *miss, uintptr_t addr)
{
	__atomic_store_n(&miss->addr, addr, __ATOMIC_RELAXED);
}

static inline uintptr_t
mlx5x_miss_addr(const struct mlx5x_miss *miss)
{
	return __atomic_load_n(&miss->addr, __ATOMIC_RELAXED);
}

/* True if addr is in a failed range, or if there are too many of these to attempt more. */
static inline bool
mlx5x_miss_has(const struct mlx5x_miss *miss, uintptr_t addr)
{
	uint32_t i;

	for (i = 0; i < miss->nb_failed; i++)
		if (addr - miss->failed[i].start < miss->failed[i].len)
			return true;
	return miss->nb_failed == MLX5X_MISS_RANGES;
}

/* True if another attempt for mlx5x_miss_addr() would fail again. Drops outdated ranges. */
static inline bool
mlx5x_miss_has_failed(struct mlx5x_miss *miss, const struct mlx5x_mr_table *table)
{
	if (miss->nb_failed == 0)
		return false;
	if (unlikely(miss->losses != mlx5x_mr_losses(table)) ||
	    unlikely(rte_rdtsc() >= miss->until)) {
		miss->nb_failed = 0;
		return false;
	}
	return mlx5x_miss_has(miss, mlx5x_miss_addr(miss));
}

/*
 * Adds a failed range, after mlx5x_miss_has_failed() returned false. losses: mlx5x_mr_losses() from
 * before the attempt; error: its -errno.
 */
void mlx5x_miss_note(struct mlx5x_miss *miss, uint32_t losses, const struct mlx5x_range *range,
	int error);

/*
 * Returns the -errno of the first failed attempt, and its address, once; later, or without any, 0.
 * For the control path, which logs it; one thread at a time.
 */
int mlx5x_miss_report(struct mlx5x_miss *miss, uintptr_t *addr);

#endif
