/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mr_info.c - the questions of mr.h about what is registered. Copies under the lock, changes nothing.
 */
#include "mr.h"

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
	struct mlx5x_region *region;
	uint32_t refs = 0;

	pthread_mutex_lock(&table->lock);
	region = mlx5x_mr_set_first(&table->mapped, range);
	if (region != NULL && !region->leaving)
		refs = region->refs;
	pthread_mutex_unlock(&table->lock);
	return refs;
}

/* One that is leaving has lost its keys, and another thread is at its pieces. */
static size_t
list_set(struct mlx5x_mr_set *set, bool implied, struct mlx5x_mr_info *list, size_t n)
{
	struct mlx5x_region *region = NULL;
	size_t count = 0;

	while (count < n && (region = mlx5x_mr_set_next(set, region)) != NULL) {
		if (region->leaving)
			continue;
		list[count++] = (struct mlx5x_mr_info){
			.range = region->range,
			.iova = region->iova,
			.lkey = region->pieces[0]->lkey,
			.nb_pieces = region->nb_pieces,
			.refs = region->refs,
			.implied = implied,
		};
	}
	return count;
}

size_t
mlx5x_mr_list(struct mlx5x_mr_table *table, struct mlx5x_mr_info *list, size_t n)
{
	size_t count;

	pthread_mutex_lock(&table->lock);
	count = list_set(&table->mapped, false, list, n);
	count += list_set(&table->implied, true, list + count, n - count);
	pthread_mutex_unlock(&table->lock);
	return count;
}
