/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mr_cache.h - from an address to an lkey in the burst. Only inside the user's gate.
 *
 * Three steps, each for what the one before does not answer. The window, on the rings of mlx5 alone
 * (struct mlx5x_dv_window), is the window of the last packet's region in which any buffer of the greatest
 * length lies: it stays in registers for a burst, and takes one compare. The cache, here, is the last
 * region that the queue used, whatever its length. The index (mr_index.h) has all regions. An unmap closes
 * the gate, so that no burst is in any of them, and clears the cache of its region; a window does not
 * outlive its burst.
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
	uint64_t *misses;	/* counts, for the queue's statistics */
};

/* Slow path: the index. False if addr is in no region. */
static inline bool
mlx5x_mr_cache_fill(struct mlx5x_mr_cache *cache, const struct mlx5x_mr_index *index,
	uintptr_t addr)
{
	const struct mlx5x_mr_entry *entry = mlx5x_mr_index_find(index, addr);

	mlx5x_counter_add(cache->misses, 1);
	if (unlikely(entry == NULL))
		return false;
	cache->start = entry->start;
	cache->len = entry->len;
	cache->lkey = entry->lkey;
	return true;
}

/*
 * How many bytes from addr on have one key, which is put into *lkey; 0 if addr is in no region.
 */
static inline size_t
mlx5x_mr_cache_find(struct mlx5x_mr_cache *cache, const struct mlx5x_mr_index *index, uintptr_t addr,
	uint32_t *lkey)
{
	if (unlikely(addr - cache->start >= cache->len) &&
	    !mlx5x_mr_cache_fill(cache, index, addr))
		return 0;
	*lkey = cache->lkey;
	return cache->len - (addr - cache->start);
}

/* Control path, with the gate closed: what lies in the range is going. */
static inline void
mlx5x_mr_cache_drop(struct mlx5x_mr_cache *cache, const struct mlx5x_range *range)
{
	if (mlx5x_range_touches(range, cache->start, cache->len))
		cache->len = 0;
}

#endif
