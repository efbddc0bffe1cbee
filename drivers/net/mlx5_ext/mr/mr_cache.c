/* SPDX-License-Identifier: BSD-3-Clause */
#include "mr/mr_cache.h"

void
mlx5x_mr_cache_drop(struct mlx5x_mr_cache *cache, const struct mlx5x_range *range)
{
	if (mlx5x_range_touches(range, cache->start, cache->len))
		cache->len = 0;
}
