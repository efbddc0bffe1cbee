/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include <rte_common.h>

#include "mr.h"
#include "mr_cache.h"
#include "verbs.h"

static int
compare(const struct mlx5x_mr *a, const struct mlx5x_mr *b)
{
	return (a->start > b->start) - (a->start < b->start);
}

/* Not RB_GENERATE_STATIC: libbsd's needs an __unused that the kernel's headers forbid. */
RB_GENERATE_INTERNAL(mlx5x_mr_set, mlx5x_mr, node, compare, __rte_unused static)

/* The region of the set with the lowest address that touches the range, or NULL. */
static struct mlx5x_mr *
first_touching(struct mlx5x_mr_set *set, const struct mlx5x_range *range)
{
	struct mlx5x_mr *mr = RB_ROOT(set), *best = NULL;

	while (mr != NULL) {
		if (mr->start >= range->start) {
			if (mr->start - range->start < range->len)
				best = mr;
			mr = RB_LEFT(mr, node);
		} else if (range->start - mr->start < mr->len) {
			return mr;
		} else {
			mr = RB_RIGHT(mr, node);
		}
	}
	return best;
}

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

static size_t
piece_len(const struct mlx5x_mr_table *table, const struct mlx5x_mr *mr, uint32_t i)
{
	size_t before = i * table->max_size;

	return RTE_MIN(mr->len - before, table->max_size);
}

static void
count(struct mlx5x_mr_table *table, const struct mlx5x_mr *mr, int64_t sign)
{
	struct mlx5x_mr_usage *usage = &table->usage;

	if (!mr->implied) {
		usage->mapped_regions += sign;
		usage->mapped_bytes += sign * (int64_t)mr->len;
	} else {
		usage->implied_regions += sign;
		usage->implied_bytes += sign * (int64_t)mr->len;
	}
	usage->device_mrs += sign * (int64_t)mr->nb_pieces;
}

/* Under the lock, with room in the index: bursts find the region from here on. */
static void
link_mr(struct mlx5x_mr_table *table, struct mlx5x_mr_set *set, struct mlx5x_mr *mr)
{
	uint32_t i;

	mr->implied = set == &table->implied;
	RB_INSERT(mlx5x_mr_set, set, mr);
	count(table, mr, 1);
	for (i = 0; i < mr->nb_pieces; i++)
		mlx5x_mr_index_insert(&table->index, mr->start + i * table->max_size,
			piece_len(table, mr, i), mr->pieces[i]->lkey, mr);
}

/* Gates closed: from here on no queue knows the keys. */
static void
unlink_mr(struct mlx5x_mr_table *table, struct mlx5x_mr_set *set, struct mlx5x_mr *mr)
{
	struct mlx5x_range range = {mr->start, mr->len};
	struct mlx5x_mr_user *user;
	uint32_t i;

	RB_REMOVE(mlx5x_mr_set, set, mr);
	count(table, mr, -1);
	for (i = 0; i < mr->nb_pieces; i++)
		mlx5x_mr_index_remove(&table->index, mr->start + i * table->max_size,
			piece_len(table, mr, i), mr);
	LIST_FOREACH(user, &table->users, next)
		mlx5x_mr_cache_drop(&user->cache, &range);
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

/* Accepts a region of which only some pieces were made. */
static void
destroy(struct mlx5x_mr *mr)
{
	uint32_t i;

	for (i = 0; i < mr->nb_pieces; i++)
		mlx5x_verbs_dereg_mr(mr->pieces[i]);
	free(mr);
}

static int
create(const struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	struct mlx5x_mr **out)
{
	uint32_t n = (range->len - 1) / table->max_size + 1, i;
	struct mlx5x_mr *mr;
	int ret;

	mr = calloc(1, sizeof(*mr) + n * sizeof(mr->pieces[0]));
	if (mr == NULL)
		return -ENOMEM;
	mr->start = range->start;
	mr->len = range->len;
	mr->iova = iova;
	mr->refs = 1;
	mr->nb_pieces = n;
	for (i = 0; i < n; i++) {
		ret = mlx5x_verbs_reg_mr(table->pd, (void *)(mr->start + i * table->max_size),
			piece_len(table, mr, i), &mr->pieces[i]);
		if (ret != 0) {
			destroy(mr);
			return ret;
		}
	}
	*out = mr;
	return 0;
}

static bool
is_exactly(const struct mlx5x_mr *mr, const struct mlx5x_range *range, uint64_t iova)
{
	return mr->start == range->start && mr->len == range->len && mr->iova == iova;
}

/*
 * Under the lock. 0: the very same mapping is there and was counted; -EEXIST: another one is in
 * the way; -ENOENT: the range is free.
 */
static int
take_existing(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	struct mlx5x_range *conflict)
{
	struct mlx5x_mr *mr = first_touching(&table->mapped, range);

	if (mr == NULL)
		return -ENOENT;
	if (is_exactly(mr, range, iova)) {
		mr->refs++;
		return 0;
	}
	*conflict = (struct mlx5x_range){mr->start, mr->len};
	return -EEXIST;
}

int
mlx5x_mr_map(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	struct mlx5x_range *conflict)
{
	struct mlx5x_mr *mr;
	int ret;

	pthread_mutex_lock(&table->lock);
	ret = take_existing(table, range, iova, conflict);
	pthread_mutex_unlock(&table->lock);
	if (ret != -ENOENT)
		return ret;
	ret = create(table, range, iova, &mr);
	if (ret != 0)
		return ret;
	ret = lock_with_room(table, mr->nb_pieces);
	if (ret != 0) {
		destroy(mr);
		return ret;
	}
	/* Another thread may have come in between: its mapping stands, ours is undone. */
	ret = take_existing(table, range, iova, conflict);
	if (ret == -ENOENT) {
		link_mr(table, &table->mapped, mr);
		mr = NULL;
		ret = 0;
	}
	pthread_mutex_unlock(&table->lock);
	if (mr != NULL)
		destroy(mr);
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

/* Under the lock. Leaves the region that is to be destroyed, if any, in *gone. */
static int
put_existing(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	struct mlx5x_range *conflict, struct mlx5x_mr **gone)
{
	const struct mlx5x_mr_entry *entry = mlx5x_mr_find(table, range->start);
	struct mlx5x_mr *mr = entry != NULL ? entry->owner : NULL;
	int ret = 0;

	/* As a rule the index knows it; where an implicit region lies there too, it may not. */
	if (mr == NULL || mr->implied || !is_exactly(mr, range, iova))
		mr = first_touching(&table->mapped, range);
	if (mr == NULL)
		return -ENOENT;
	if (!is_exactly(mr, range, iova)) {
		*conflict = (struct mlx5x_range){mr->start, mr->len};
		return -EINVAL;
	}
	if (mr->refs > 1) {
		mr->refs--;
		return 0;
	}
	close_gates(table);
	if (is_owned(table, range)) {
		ret = -EBUSY;
	} else {
		unlink_mr(table, &table->mapped, mr);
		*gone = mr;
	}
	open_gates(table);
	return ret;
}

int
mlx5x_mr_unmap(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	struct mlx5x_range *conflict)
{
	struct mlx5x_mr *gone = NULL;
	int ret;

	pthread_mutex_lock(&table->lock);
	ret = put_existing(table, range, iova, conflict, &gone);
	pthread_mutex_unlock(&table->lock);
	if (gone != NULL)
		destroy(gone);
	return ret;
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
	struct mlx5x_mr *a, *b;
	size_t covered;

	while (rest.len != 0 && (entry = mlx5x_mr_find(table, rest.start)) != NULL) {
		covered = entry->len - (rest.start - entry->start);
		if (covered >= rest.len)
			return false;
		rest.start += covered;
		rest.len -= covered;
	}
	a = first_touching(&table->mapped, &rest);
	b = first_touching(&table->implied, &rest);
	if (a != NULL)
		rest.len = a->start - rest.start;
	if (b != NULL && b->start - rest.start < rest.len)
		rest.len = b->start - rest.start;
	*gap = rest;
	return rest.len != 0;
}

/* One gap registered and inserted, unless another thread was quicker. */
static int
cover_gap(struct mlx5x_mr_table *table, const struct mlx5x_range *gap)
{
	struct mlx5x_mr *mr;
	int ret;

	ret = create(table, gap, gap->start, &mr);
	if (ret != 0)
		return ret;
	ret = lock_with_room(table, mr->nb_pieces);
	if (ret != 0) {
		destroy(mr);
		return ret;
	}
	if (first_touching(&table->implied, gap) == NULL) {
		link_mr(table, &table->implied, mr);
		mr = NULL;
	}
	pthread_mutex_unlock(&table->lock);
	if (mr != NULL)
		destroy(mr);
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

void
mlx5x_mr_forget(struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	struct mlx5x_mr_set gone = RB_INITIALIZER(&gone);
	struct mlx5x_mr *mr, *next;

	pthread_mutex_lock(&table->lock);
	close_gates(table);
	while ((mr = first_touching(&table->implied, range)) != NULL) {
		unlink_mr(table, &table->implied, mr);
		RB_INSERT(mlx5x_mr_set, &gone, mr);
	}
	open_gates(table);
	pthread_mutex_unlock(&table->lock);
	RB_FOREACH_SAFE(mr, mlx5x_mr_set, &gone, next) {
		RB_REMOVE(mlx5x_mr_set, &gone, mr);
		destroy(mr);
	}
}

void
mlx5x_mr_get_usage(struct mlx5x_mr_table *table, struct mlx5x_mr_usage *usage)
{
	pthread_mutex_lock(&table->lock);
	*usage = table->usage;
	pthread_mutex_unlock(&table->lock);
}

static size_t
list_set(struct mlx5x_mr_set *set, bool implied, struct mlx5x_mr_info *list, size_t n)
{
	struct mlx5x_mr *mr;
	size_t count = 0;

	RB_FOREACH(mr, mlx5x_mr_set, set) {
		if (count == n)
			break;
		list[count++] = (struct mlx5x_mr_info){
			.range = {mr->start, mr->len},
			.iova = mr->iova,
			.lkey = mr->pieces[0]->lkey,
			.nb_pieces = mr->nb_pieces,
			.refs = mr->refs,
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
	RB_INIT(&table->mapped);
	RB_INIT(&table->implied);
	pthread_mutex_init(&table->lock, NULL);
	LIST_INIT(&table->users);
	table->pd = pd;
	return 0;
}

static void
empty(struct mlx5x_mr_set *set)
{
	struct mlx5x_mr *mr;

	while ((mr = RB_ROOT(set)) != NULL) {
		RB_REMOVE(mlx5x_mr_set, set, mr);
		destroy(mr);
	}
}

void
mlx5x_mr_fini(struct mlx5x_mr_table *table)
{
	empty(&table->mapped);
	empty(&table->implied);
	mlx5x_mr_index_fini(&table->index);
	pthread_mutex_destroy(&table->lock);
}
