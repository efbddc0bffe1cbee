/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * miss.h - what a queue remembers of memory that has no key and can have none, so that the packets to
 * come cost a few compares instead of another attempt.
 *
 * It counts for RETRY_MS, or until EAL's memory changes. Whoever sends from more than MLX5X_MISS_RANGES
 * places without a key within that time is not looked after any more until it is over: the queue
 * registers nothing then. A mapping is found without this. By the burst that owns the queue; or by
 * whoever has closed its gate.
 */
#ifndef MLX5X_MISS_H_
#define MLX5X_MISS_H_

#include <stdbool.h>
#include <stdint.h>

#include <rte_branch_prediction.h>
#include <rte_cycles.h>

#include "mr/mr.h"

#define MLX5X_MISS_RANGES 4
#define MLX5X_MISS_PAUSE 16

struct mlx5x_miss {
	uintptr_t addr;		/* mlx5x_miss_addr() */
	uint32_t nb_failed;
	uint32_t losses;	/* the table's, at the first of them */
	uint64_t until;		/* cycles, for all of them */
	struct mlx5x_range failed[MLX5X_MISS_RANGES];
	uint32_t pause;		/* bursts until another buffer is tried; Rx */
	/* Of the first attempt ever, for the log, which is not the burst's to write. */
	uintptr_t first_addr;
	int first_error;	/* 0: none. Release; pairs with the acquire in mlx5x_miss_report() */
	bool reported;		/* by mlx5x_miss_report() */
};

/*
 * The last address that was found to be without a key. Set inside the gate, and by a recovery that has
 * closed it; read by the burst outside of it: so it is relaxed, and either value will do.
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

/* Whether addr is in what was in vain, or everything is. */
static inline bool
mlx5x_miss_has(const struct mlx5x_miss *miss, uintptr_t addr)
{
	uint32_t i;

	for (i = 0; i < miss->nb_failed; i++)
		if (addr - miss->failed[i].start < miss->failed[i].len)
			return true;
	return miss->nb_failed == MLX5X_MISS_RANGES;
}

/* Whether it was in vain before, and still is, to look for a key for its address. */
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

/* An attempt for its address was in vain, and would be for all of the range; error: its -errno. */
void mlx5x_miss_note(struct mlx5x_miss *miss, uint32_t losses, const struct mlx5x_range *range,
	int error);

/*
 * The -errno and the address of the first attempt that was in vain, once; 0: there was none, or it was
 * given before. By who writes it into the log, which is not a burst, and one thread at a time.
 */
int mlx5x_miss_report(struct mlx5x_miss *miss, uintptr_t *addr);

#endif
