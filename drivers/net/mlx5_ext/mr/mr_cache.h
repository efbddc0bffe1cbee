/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mr_cache.h - lkey look-up in a burst. Only inside the user's gate.
 *
 * Three steps, each for the misses of the one before:
 *   window   only on the rings of mlx5 (struct mlx5x_dv_window): the addresses at which a buffer
 *            of the maximum length lies entirely in the region of the last packet; in registers
 *            during a burst, one compare
 *   cache    this file: the last region that the queue used
 *   index    mr_index.h: all regions
 * An unmap closes the gate, so that no burst uses any of them, and clears the cache if it holds its
 * region. A window does not outlive its burst.
 */
#ifndef MLX5X_MR_CACHE_H_
#define MLX5X_MR_CACHE_H_

#include <rte_branch_prediction.h>

#include "common/counter.h"
#include "mr/mr_index.h"
#include "mr/range.h"

/* The last region that a queue used: one compare for the usual packet. */
struct mlx5x_mr_cache {
	uintptr_t start;
	size_t len;		/* 0: none */
	uint32_t lkey;
	uint64_t *misses;	/* a counter of the queue's statistics */
};

static inline void
mlx5x_mr_cache_set(struct mlx5x_mr_cache *cache, const struct mlx5x_mr_entry *entry)
{
	cache->start = entry->start;
	cache->len = entry->len;
	cache->lkey = entry->lkey;
}

/* Slow path, by the index. False if addr is in no region. */
static inline bool
mlx5x_mr_cache_fill(struct mlx5x_mr_cache *cache, const struct mlx5x_mr_index *index,
	uintptr_t addr)
{
	const struct mlx5x_mr_entry *entry = mlx5x_mr_index_find(index, addr);

	mlx5x_counter_add(cache->misses, 1);
	if (unlikely(entry == NULL))
		return false;
	mlx5x_mr_cache_set(cache, entry);
	return true;
}

/* The lkey at addr, in *lkey. Returns the bytes from addr on that it covers; 0: in no region. */
static inline size_t
mlx5x_mr_cache_find(struct mlx5x_mr_cache *cache, const struct mlx5x_mr_index *index,
	uintptr_t addr, uint32_t *lkey)
{
	if (unlikely(addr - cache->start >= cache->len) &&
	    !mlx5x_mr_cache_fill(cache, index, addr))
		return 0;
	*lkey = cache->lkey;
	return cache->len - (addr - cache->start);
}

/* Control path, gate closed: clears the cache if its region overlaps the range. */
static inline void
mlx5x_mr_cache_drop(struct mlx5x_mr_cache *cache, const struct mlx5x_range *range)
{
	if (!mlx5x_range_touches(range, cache->start, cache->len))
		return;
	/* No region begins there: the next one at this address is another one. */
	cache->start = UINTPTR_MAX;
	cache->len = 0;
}

#endif
