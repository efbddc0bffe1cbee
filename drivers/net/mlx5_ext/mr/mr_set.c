/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_common.h>

#include "mr/mr_set.h"

static int
compare(const struct mlx5x_region *a, const struct mlx5x_region *b)
{
	return (a->range.start > b->range.start) - (a->range.start < b->range.start);
}

/* Not RB_GENERATE_STATIC: libbsd's uses a macro __unused that conflicts with kernel headers. */
RB_GENERATE_INTERNAL(mlx5x_mr_set, mlx5x_region, node, compare, __rte_unused static)

void
mlx5x_mr_set_init(struct mlx5x_mr_set *set)
{
	RB_INIT(set);
}

void
mlx5x_mr_set_insert(struct mlx5x_mr_set *set, struct mlx5x_region *region)
{
	RB_INSERT(mlx5x_mr_set, set, region);
}

void
mlx5x_mr_set_remove(struct mlx5x_mr_set *set, struct mlx5x_region *region)
{
	RB_REMOVE(mlx5x_mr_set, set, region);
}

struct mlx5x_region *
mlx5x_mr_set_first(struct mlx5x_mr_set *set, const struct mlx5x_range *range)
{
	struct mlx5x_region *region = RB_ROOT(set), *best = NULL;

	while (region != NULL) {
		if (region->range.start >= range->start) {
			if (region->range.start - range->start < range->len)
				best = region;
			region = RB_LEFT(region, node);
		} else if (range->start - region->range.start < region->range.len) {
			return region;
		} else {
			region = RB_RIGHT(region, node);
		}
	}
	return best;
}

struct mlx5x_region *
mlx5x_mr_set_next(struct mlx5x_mr_set *set, struct mlx5x_region *region)
{
	return region != NULL ? RB_NEXT(mlx5x_mr_set, set, region) : RB_MIN(mlx5x_mr_set, set);
}
