/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mr_info.c - the queries of mr.h. They copy under the lock and change nothing.
 */
#include "mr/mr.h"
#include "mr/mr_keys.h"

void
mlx5x_mr_get_usage(struct mlx5x_mr_table *table, struct mlx5x_mr_usage *usage)
{
	pthread_mutex_lock(&table->lock);
	*usage = table->usage;
	pthread_mutex_unlock(&table->lock);
}

uint32_t
mlx5x_mr_refs(struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	const struct mlx5x_region *region;
	uint32_t refs;

	pthread_mutex_lock(&table->lock);
	region = mlx5x_mr_first_mapped(table, range);
	refs = region != NULL ? region->refs : 0;
	pthread_mutex_unlock(&table->lock);
	return refs;
}

uint64_t
mlx5x_mr_memory(struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	const struct mlx5x_region *region;
	uint64_t memory;

	pthread_mutex_lock(&table->lock);
	region = mlx5x_mr_first_mapped(table, range);
	memory = region != NULL ? region->memory : 0;
	pthread_mutex_unlock(&table->lock);
	return memory;
}

size_t
mlx5x_mr_list(struct mlx5x_mr_table *table, struct mlx5x_mr_info *list, size_t n)
{
	struct mlx5x_region *region = NULL;
	size_t count = 0;

	pthread_mutex_lock(&table->lock);
	while (count < n && (region = mlx5x_mr_set_next(&table->regions, region)) != NULL)
		list[count++] = (struct mlx5x_mr_info){
			.range = region->range,
			.iova = region->iova,
			.lkey = mlx5x_region_lkey(region),
			.nb_mrs = mlx5x_region_use(region).nb_live,
			.refs = region->refs,
			.implicit = region->implicit,
			.of_dmabuf = (region->kind & MLX5X_OF_DMABUF) != 0,
		};
	pthread_mutex_unlock(&table->lock);
	return count;
}
