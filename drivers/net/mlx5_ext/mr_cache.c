/* SPDX-License-Identifier: BSD-3-Clause */
#include "mr_cache.h"

bool
mlx5x_mr_cache_fill(struct mlx5x_mr_cache *cache, struct mlx5x_mr_table *table, uintptr_t addr)
{
	const struct mlx5x_mr *mr = mlx5x_mr_find(table, addr);

	if (mr == NULL)
		return false;
	cache->start = mr->start;
	cache->len = mr->len;
	cache->lkey = mr->lkey;
	cache->mr = mr;
	return true;
}

void
mlx5x_mr_cache_drop(struct mlx5x_mr_cache *cache, const struct mlx5x_mr *mr)
{
	if (cache->mr == mr)
		*cache = (struct mlx5x_mr_cache){0};
}
