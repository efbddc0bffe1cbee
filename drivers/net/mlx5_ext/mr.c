/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include <rte_common.h>

#include "mr.h"
#include "mr_cache.h"

/* All gates at once, so that the wait is that of the longest burst and not of their sum. */
static void
close_gates(struct mlx5x_mr_table *table)
{
	struct mlx5x_mr_user *user;

	LIST_FOREACH(user, &table->users, next)
		mlx5x_gate_shut(&user->gate);
	LIST_FOREACH(user, &table->users, next)
		mlx5x_gate_wait(&user->gate);
}

static void
open_gates(struct mlx5x_mr_table *table)
{
	struct mlx5x_mr_user *user;

	LIST_FOREACH(user, &table->users, next)
		mlx5x_gate_open(&user->gate);
}

/* No burst that began before is left. */
static void
wait_for_users(struct mlx5x_mr_table *table)
{
	close_gates(table);
	open_gates(table);
}

static void
count(struct mlx5x_mr_table *table, const struct mlx5x_region *region, int64_t sign)
{
	struct mlx5x_mr_usage *usage = &table->usage;

	if (!region->implied) {
		usage->mapped_regions += sign;
		usage->mapped_bytes += sign * (int64_t)region->range.len;
	} else {
		usage->implied_regions += sign;
		usage->implied_bytes += sign * (int64_t)region->range.len;
	}
	usage->device_mrs += sign * (int64_t)region->nb_pieces;
	usage->pinned_bytes += sign * (int64_t)mlx5x_region_pinned(region);
}

/* Under the lock, with room in the index: bursts find the keys from here on. */
static void
publish(struct mlx5x_mr_table *table, struct mlx5x_region *region)
{
	struct mlx5x_range piece;
	uint32_t i;

	for (i = 0; i < region->nb_pieces; i++) {
		piece = mlx5x_region_piece(region, i);
		if (region->pieces[i] != NULL)
			mlx5x_mr_index_insert(&table->index, piece.start, piece.len,
				region->pieces[i]->lkey, region);
	}
}

/* Gates closed: from here on no queue knows the keys. */
static void
withdraw(struct mlx5x_mr_table *table, struct mlx5x_region *region)
{
	struct mlx5x_mr_user *user;
	struct mlx5x_range piece;
	uint32_t i;

	for (i = 0; i < region->nb_pieces; i++) {
		piece = mlx5x_region_piece(region, i);
		if (region->pieces[i] != NULL)
			mlx5x_mr_index_remove(&table->index, piece.start, piece.len, region);
	}
	LIST_FOREACH(user, &table->users, next)
		mlx5x_mr_cache_drop(&user->cache, &region->range);
}

/* Under the lock, with room in the index. */
static void
link_mr(struct mlx5x_mr_table *table, struct mlx5x_mr_set *set, struct mlx5x_region *region)
{
	region->implied = set == &table->implied;
	mlx5x_mr_set_insert(set, region);
	count(table, region, 1);
	publish(table, region);
}

/* Doubles the index, unless another thread has done it meanwhile. Not under the lock. */
static int
grow_index(struct mlx5x_mr_table *table, size_t n)
{
	struct mlx5x_mr_index_table *spare = mlx5x_mr_index_alloc(&table->index, n);

	if (spare == NULL)
		return -ENOMEM;
	pthread_mutex_lock(&table->lock);
	if (!mlx5x_mr_index_has_room(&table->index, n) && spare->bits > table->index.table->bits) {
		spare = mlx5x_mr_index_replace(&table->index, spare);
		wait_for_users(table);
	}
	pthread_mutex_unlock(&table->lock);
	free(spare);
	return 0;
}

/* Takes the lock, when the index has room for n more ranges. 0, or -ENOMEM without the lock. */
static int
lock_with_room(struct mlx5x_mr_table *table, size_t n)
{
	int ret;

	pthread_mutex_lock(&table->lock);
	while (!mlx5x_mr_index_has_room(&table->index, n)) {
		pthread_mutex_unlock(&table->lock);
		ret = grow_index(table, n);
		if (ret != 0)
			return ret;
		pthread_mutex_lock(&table->lock);
	}
	return 0;
}

/* Registers, and takes the lock when there is room for it. 0, or -errno without lock or region. */
static int
create_and_lock(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	struct mlx5x_region **region)
{
	int ret;

	ret = mlx5x_region_create(table->pd, range, iova, table->max_size, region);
	if (ret != 0)
		return ret;
	ret = lock_with_room(table, (*region)->nb_pieces);
	if (ret != 0)
		mlx5x_region_destroy(*region);
	return ret;
}

static bool
is_exactly(const struct mlx5x_region *region, const struct mlx5x_range *range, uint64_t iova)
{
	return region->range.start == range->start && region->range.len == range->len &&
		region->iova == iova;
}

/*
 * Under the lock, which is let go while the region that touches the range is on its way out: it is
 * back, or gone, in a moment.
 */
static struct mlx5x_region *
first_settled(struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	struct mlx5x_region *region;

	while ((region = mlx5x_mr_set_first(&table->mapped, range)) != NULL && region->leaving)
		pthread_cond_wait(&table->left, &table->lock);
	return region;
}

/*
 * Under the lock. 0: the very same mapping is there and was counted; -EEXIST: another one is in
 * the way; -ENOENT: the range is free.
 */
static int
take_existing(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	struct mlx5x_range *conflict)
{
	struct mlx5x_region *region = first_settled(table, range);

	if (region == NULL)
		return -ENOENT;
	if (is_exactly(region, range, iova)) {
		region->refs++;
		return 0;
	}
	*conflict = region->range;
	return -EEXIST;
}

int
mlx5x_mr_map(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	struct mlx5x_range *conflict)
{
	struct mlx5x_region *region;
	int ret;

	pthread_mutex_lock(&table->lock);
	ret = take_existing(table, range, iova, conflict);
	pthread_mutex_unlock(&table->lock);
	if (ret != -ENOENT)
		return ret;
	ret = create_and_lock(table, range, iova, &region);
	if (ret != 0)
		return ret;
	/* Another thread may have come in between: its mapping stands, ours is undone. */
	ret = take_existing(table, range, iova, conflict);
	if (ret == -ENOENT) {
		link_mr(table, &table->mapped, region);
		region = NULL;
		ret = 0;
	}
	pthread_mutex_unlock(&table->lock);
	if (region != NULL)
		mlx5x_region_destroy(region);
	return ret;
}

static bool
is_owned(struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	struct mlx5x_mr_user *user;

	LIST_FOREACH(user, &table->users, next)
		if (user->owns(user, range))
			return true;
	return false;
}

/* Under the lock. The last reference ends: nobody finds the keys any more, but -EBUSY. */
static int
begin_leaving(struct mlx5x_mr_table *table, struct mlx5x_region *region)
{
	int ret = 0;

	close_gates(table);
	if (is_owned(table, &region->range)) {
		ret = -EBUSY;
	} else {
		withdraw(table, region);
		region->leaving = true;
	}
	open_gates(table);
	return ret;
}

/* Not under the lock. If the kernel keeps a piece, all is put back: unmap can be repeated. */
static int
finish_leaving(struct mlx5x_mr_table *table, struct mlx5x_region *region)
{
	int ret = mlx5x_region_end(region);

	if (ret != 0)
		mlx5x_region_renew(table->pd, region);
	pthread_mutex_lock(&table->lock);
	if (ret == 0) {
		mlx5x_mr_set_remove(&table->mapped, region);
		count(table, region, -1);
	} else {
		/* It was there just now, so there is room. */
		publish(table, region);
		region->leaving = false;
	}
	pthread_cond_broadcast(&table->left);
	pthread_mutex_unlock(&table->lock);
	if (ret == 0)
		free(region);
	return ret;
}

/* Under the lock. Leaves the region whose last reference ended, if so, in *leaving. */
static int
put_existing(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	struct mlx5x_range *conflict, struct mlx5x_region **leaving)
{
	const struct mlx5x_mr_entry *entry = mlx5x_mr_find(table, range->start);
	struct mlx5x_region *region = entry != NULL ? entry->owner : NULL;
	int ret = 0;

	/* As a rule the index knows it; where an implicit region lies there too, it may not. */
	if (region == NULL || region->implied || !is_exactly(region, range, iova))
		region = first_settled(table, range);
	if (region == NULL)
		return -ENOENT;
	if (!is_exactly(region, range, iova)) {
		*conflict = region->range;
		return -EINVAL;
	}
	if (region->refs == 1) {
		ret = begin_leaving(table, region);
		*leaving = ret == 0 ? region : NULL;
	} else {
		region->refs--;
	}
	return ret;
}

int
mlx5x_mr_unmap(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	struct mlx5x_range *conflict)
{
	struct mlx5x_region *leaving = NULL;
	int ret;

	pthread_mutex_lock(&table->lock);
	ret = put_existing(table, range, iova, conflict, &leaving);
	pthread_mutex_unlock(&table->lock);
	return leaving != NULL ? finish_leaving(table, leaving) : ret;
}

/*
 * Under the lock. The first part of the range that is in neither set goes into *gap; false if
 * there is none.
 */
static bool
first_gap(struct mlx5x_mr_table *table, const struct mlx5x_range *range, struct mlx5x_range *gap)
{
	struct mlx5x_range rest = *range;
	const struct mlx5x_mr_entry *entry;
	struct mlx5x_region *a, *b;
	size_t covered;

	while (rest.len != 0 && (entry = mlx5x_mr_find(table, rest.start)) != NULL) {
		covered = entry->len - (rest.start - entry->start);
		if (covered >= rest.len)
			return false;
		rest.start += covered;
		rest.len -= covered;
	}
	a = mlx5x_mr_set_first(&table->mapped, &rest);
	b = mlx5x_mr_set_first(&table->implied, &rest);
	if (a != NULL)
		rest.len = a->range.start - rest.start;
	if (b != NULL && b->range.start - rest.start < rest.len)
		rest.len = b->range.start - rest.start;
	*gap = rest;
	return rest.len != 0;
}

/* One gap registered and inserted, unless another thread was quicker. */
static int
cover_gap(struct mlx5x_mr_table *table, const struct mlx5x_range *gap)
{
	struct mlx5x_region *region;
	int ret;

	ret = create_and_lock(table, gap, gap->start, &region);
	if (ret != 0)
		return ret;
	if (mlx5x_mr_set_first(&table->implied, gap) == NULL) {
		link_mr(table, &table->implied, region);
		region = NULL;
	}
	pthread_mutex_unlock(&table->lock);
	if (region != NULL)
		mlx5x_region_destroy(region);
	return 0;
}

int
mlx5x_mr_cover(struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	struct mlx5x_range gap;
	bool found;
	int ret = 0;

	do {
		pthread_mutex_lock(&table->lock);
		found = first_gap(table, range, &gap);
		pthread_mutex_unlock(&table->lock);
		if (found)
			ret = cover_gap(table, &gap);
	} while (found && ret == 0);
	return ret;
}

static void
empty(struct mlx5x_mr_set *set)
{
	struct mlx5x_region *region;

	while ((region = mlx5x_mr_set_next(set, NULL)) != NULL) {
		mlx5x_mr_set_remove(set, region);
		mlx5x_region_destroy(region);
	}
}

void
mlx5x_mr_forget(struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	struct mlx5x_region *region;
	struct mlx5x_mr_set gone;

	mlx5x_mr_set_init(&gone);
	pthread_mutex_lock(&table->lock);
	close_gates(table);
	while ((region = mlx5x_mr_set_first(&table->implied, range)) != NULL) {
		mlx5x_mr_set_remove(&table->implied, region);
		count(table, region, -1);
		withdraw(table, region);
		mlx5x_mr_set_insert(&gone, region);
	}
	open_gates(table);
	pthread_mutex_unlock(&table->lock);
	empty(&gone);
}

void
mlx5x_mr_add_user(struct mlx5x_mr_table *table, struct mlx5x_mr_user *user)
{
	pthread_mutex_lock(&table->lock);
	LIST_INSERT_HEAD(&table->users, user, next);
	pthread_mutex_unlock(&table->lock);
}

void
mlx5x_mr_remove_user(struct mlx5x_mr_table *table, struct mlx5x_mr_user *user)
{
	pthread_mutex_lock(&table->lock);
	LIST_REMOVE(user, next);
	pthread_mutex_unlock(&table->lock);
	user->cache.len = 0;
}

int
mlx5x_mr_init(struct mlx5x_mr_table *table, struct ibv_pd *pd, size_t max_size)
{
	int ret;

	ret = mlx5x_mr_index_init(&table->index);
	if (ret != 0)
		return ret;
	table->max_size = max_size;
	table->usage = (struct mlx5x_mr_usage){0};
	mlx5x_mr_set_init(&table->mapped);
	mlx5x_mr_set_init(&table->implied);
	pthread_mutex_init(&table->lock, NULL);
	pthread_cond_init(&table->left, NULL);
	LIST_INIT(&table->users);
	table->pd = pd;
	return 0;
}

void
mlx5x_mr_fini(struct mlx5x_mr_table *table)
{
	empty(&table->mapped);
	empty(&table->implied);
	mlx5x_mr_index_fini(&table->index);
	pthread_cond_destroy(&table->left);
	pthread_mutex_destroy(&table->lock);
}
