/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include "mr/mr_keys.h"

void
mlx5x_mr_close_gates(struct mlx5x_mr_table *table)
{
	struct mlx5x_mr_user *user;

	LIST_FOREACH(user, &table->users, next)
		mlx5x_gate_shut(&user->gate);
	LIST_FOREACH(user, &table->users, next)
		mlx5x_gate_wait(&user->gate);
	mlx5x_mr_index_reclaim(&table->index);
}

void
mlx5x_mr_open_gates(struct mlx5x_mr_table *table)
{
	struct mlx5x_mr_user *user;

	LIST_FOREACH(user, &table->users, next)
		mlx5x_gate_open(&user->gate);
}

/* On return all bursts that ran at the call have ended. */
static void
wait_for_users(struct mlx5x_mr_table *table)
{
	mlx5x_mr_close_gates(table);
	mlx5x_mr_open_gates(table);
}

/* Releases the lock and takes it again. */
static int
grow_index(struct mlx5x_mr_table *table, const struct mlx5x_mr_index_need *need)
{
	struct mlx5x_mr_index_sizes sizes = mlx5x_mr_index_size(&table->index, need);
	struct mlx5x_mr_index_table *spare;

	pthread_mutex_unlock(&table->lock);
	spare = mlx5x_mr_index_alloc(&sizes);
	pthread_mutex_lock(&table->lock);
	if (spare == NULL)
		return -ENOMEM;
	/* Another thread may have grown it meanwhile. */
	if (!mlx5x_mr_index_has_room(&table->index, need)) {
		spare = mlx5x_mr_index_replace(&table->index, spare);
		wait_for_users(table);
	}
	free(spare);
	return 0;
}

bool
mlx5x_mr_is_leaving(const struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	const struct mlx5x_region *region;

	LIST_FOREACH(region, &table->leaving, next)
		if (mlx5x_range_touches(range, region->range.start, region->range.len))
			return true;
	return false;
}

void
mlx5x_mr_wait_for_leaving(struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	while (mlx5x_mr_is_leaving(table, range))
		pthread_cond_wait(&table->left, &table->lock);
}

int
mlx5x_mr_lock_with_room(struct mlx5x_mr_table *table, const struct mlx5x_range *range,
	const struct mlx5x_mr_index_need *need)
{
	int ret = 0;

	pthread_mutex_lock(&table->lock);
	/* Both steps may release the lock, after which the other has to be checked again. */
	while (ret == 0) {
		mlx5x_mr_wait_for_leaving(table, range);
		if (mlx5x_mr_index_has_room(&table->index, need))
			return 0;
		ret = grow_index(table, need);
	}
	pthread_mutex_unlock(&table->lock);
	return ret;
}

static void
count(struct mlx5x_mr_table *table, const struct mlx5x_region *region, int64_t sign)
{
	const struct mlx5x_region_use use = mlx5x_region_use(region);
	struct mlx5x_mr_usage *usage = &table->usage;

	if (!region->implicit) {
		usage->mapped_regions += sign;
		usage->mapped_bytes += sign * (int64_t)region->range.len;
	} else {
		usage->implicit_regions += sign;
		usage->implicit_bytes += sign * (int64_t)region->range.len;
	}
	usage->device_mrs += sign * (int64_t)use.nb_live;
	usage->pinned_bytes += sign * (int64_t)use.pinned;
}

/* To the set. Marks overlapping arrivals as met. */
static void
add_to_set(struct mlx5x_mr_table *table, struct mlx5x_region *region)
{
	struct mlx5x_mr_arrival *arrival;

	LIST_FOREACH(arrival, &table->arrivals, next)
		if (mlx5x_range_touches(&region->range, arrival->range.start, arrival->range.len))
			arrival->met = true;
	mlx5x_mr_set_insert(&table->regions, region);
	count(table, region, 1);
}

/* Parts without an MR have a place in the index too, for the case that they get one again. */
void
mlx5x_mr_link(struct mlx5x_mr_table *table, struct mlx5x_region *region)
{
	struct mlx5x_region_part part = {0};

	add_to_set(table, region);
	while (mlx5x_region_next_part(region, &part)) {
		mlx5x_mr_index_insert(&table->index, part.range.start, part.range.len,
			part.mr != NULL ? part.mr->lkey : 0, region);
		/* Not of a new region: so the gates are closed. */
		if (part.mr == NULL)
			mlx5x_mr_index_hide(&table->index, part.range.start);
	}
}

/* Gates closed. Bursts find its lkeys no more, but its places in the index stay. */
static void
hide(struct mlx5x_mr_table *table, struct mlx5x_region *region)
{
	struct mlx5x_region_part part = {0};
	struct mlx5x_mr_user *user;

	count(table, region, -1);
	mlx5x_mr_set_remove(&table->regions, region);
	while (mlx5x_region_next_part(region, &part))
		mlx5x_mr_index_hide(&table->index, part.range.start);
	LIST_FOREACH(user, &table->users, next)
		mlx5x_mr_cache_drop(&user->cache, &region->range);
}

static void
remove_from_index(struct mlx5x_mr_table *table, const struct mlx5x_region *region)
{
	struct mlx5x_region_part part = {0};

	while (mlx5x_region_next_part(region, &part))
		mlx5x_mr_index_remove(&table->index, part.range.start, part.range.len);
}

void
mlx5x_mr_unlink(struct mlx5x_mr_table *table, struct mlx5x_region *region)
{
	hide(table, region);
	remove_from_index(table, region);
	mlx5x_mr_index_reclaim(&table->index);
}

void
mlx5x_mr_begin_leaving(struct mlx5x_mr_table *table, struct mlx5x_region *region)
{
	hide(table, region);
	LIST_INSERT_HEAD(&table->leaving, region, next);
}

static void
stop_leaving(struct mlx5x_mr_table *table, struct mlx5x_region *region)
{
	LIST_REMOVE(region, next);
	pthread_cond_broadcast(&table->left);
}

void
mlx5x_mr_finish_leaving(struct mlx5x_mr_table *table, struct mlx5x_region *region)
{
	stop_leaving(table, region);
	remove_from_index(table, region);
}

void
mlx5x_mr_cancel_leaving(struct mlx5x_mr_table *table, struct mlx5x_region *region)
{
	struct mlx5x_region_part part = {0};

	stop_leaving(table, region);
	add_to_set(table, region);
	while (mlx5x_region_next_part(region, &part))
		if (part.mr != NULL)
			mlx5x_mr_index_show(&table->index, part.range.start, part.mr->lkey, region);
}

bool
mlx5x_mr_is_owned(struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	struct mlx5x_mr_user *user;

	LIST_FOREACH(user, &table->users, next)
		if (user->owns(user, range))
			return true;
	return false;
}

void
mlx5x_mr_keep(struct mlx5x_mr_table *table, struct mlx5x_region *region)
{
	count(table, region, 1);
	LIST_INSERT_HEAD(&table->kept, region, next);
}

void
mlx5x_mr_displace(struct mlx5x_mr_table *table, const struct mlx5x_range *range,
	struct mlx5x_region_list *ended)
{
	struct mlx5x_region *region, *next;

	for (region = mlx5x_mr_first(table, range); region != NULL; region = next) {
		next = mlx5x_mr_next(table, range, region);
		if (!region->implicit)
			continue;
		mlx5x_mr_unlink(table, region);
		if (mlx5x_mr_is_owned(table, &region->range))
			mlx5x_mr_keep(table, region);
		else
			LIST_INSERT_HEAD(ended, region, next);
	}
}

void
mlx5x_mr_drop_kept(struct mlx5x_mr_table *table, struct mlx5x_region *region,
	struct mlx5x_region_list *ended)
{
	LIST_REMOVE(region, next);
	count(table, region, -1);
	LIST_INSERT_HEAD(ended, region, next);
}

void
mlx5x_mr_sweep(struct mlx5x_mr_table *table, struct mlx5x_region_list *ended)
{
	struct mlx5x_region *region, *next;

	for (region = LIST_FIRST(&table->kept); region != NULL; region = next) {
		next = LIST_NEXT(region, next);
		if (!mlx5x_mr_is_owned(table, &region->range))
			mlx5x_mr_drop_kept(table, region, ended);
	}
}

void
mlx5x_mr_end_all(struct mlx5x_region_list *ended)
{
	struct mlx5x_region *region;

	while ((region = LIST_FIRST(ended)) != NULL) {
		LIST_REMOVE(region, next);
		mlx5x_region_destroy(region);
	}
}

void
mlx5x_mr_arrive(struct mlx5x_mr_table *table, struct mlx5x_mr_arrival *arrival,
	const struct mlx5x_range *range, bool met)
{
	arrival->range = *range;
	arrival->stale = false;
	arrival->met = met;
	arrival->source = NULL;
	LIST_INSERT_HEAD(&table->arrivals, arrival, next);
}

int
mlx5x_mr_settle(struct mlx5x_mr_table *table, struct mlx5x_mr_arrival *arrival, size_t n)
{
	struct mlx5x_mr_index_need need = {0};
	int ret;

	if (n != 0)
		need = mlx5x_mr_index_need(arrival->range.start, arrival->range.len, n);
	ret = mlx5x_mr_lock_with_room(table, &arrival->range, &need);
	if (ret != 0)
		pthread_mutex_lock(&table->lock);
	LIST_REMOVE(arrival, next);
	if (ret == 0 && arrival->stale)
		ret = -EFAULT;
	if (ret != 0)
		pthread_mutex_unlock(&table->lock);
	return ret;
}

int
mlx5x_mr_register(struct mlx5x_mr_table *table, struct mlx5x_mr_arrival *arrival, uint64_t iova,
	struct mlx5x_region **region)
{
	int ret, settled;

	ret = mlx5x_region_create(table->pd, &arrival->range, iova, &table->cut,
		arrival->source, region);
	settled = mlx5x_mr_settle(table, arrival, ret == 0 ? mlx5x_region_max_parts(*region) : 0);
	if (ret != 0) {
		if (settled == 0)
			pthread_mutex_unlock(&table->lock);
		return ret;
	}
	if (settled != 0)
		mlx5x_region_destroy(*region);
	return settled;
}
