/* SPDX-License-Identifier: BSD-3-Clause */
#include "counter.h"
#include "mr_cache.h"

bool
mlx5x_mr_cache_fill(struct mlx5x_mr_cache *cache, struct mlx5x_mr_table *table, uintptr_t addr)
{
	const struct mlx5x_mr_entry *entry = mlx5x_mr_find(table, addr);

	mlx5x_counter_add(cache->misses, 1);
	if (entry == NULL)
		return false;
	cache->start = entry->start;
	cache->len = entry->len;
	cache->lkey = entry->lkey;
	return true;
}

void
mlx5x_mr_cache_drop(struct mlx5x_mr_cache *cache, const struct mlx5x_range *range)
{
	if (mlx5x_range_touches(range, cache->start, cache->len))
		cache->len = 0;
}
