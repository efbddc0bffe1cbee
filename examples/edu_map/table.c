/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include <rte_common.h>

#include "table.h"

static int
compare(const struct edu_map *a, const struct edu_map *b)
{
	return (a->range.start > b->range.start) - (a->range.start < b->range.start);
}

/* Not RB_GENERATE_STATIC: libbsd's uses a macro __unused that it does not define. */
RB_GENERATE_INTERNAL(edu_map_set, edu_map, node, compare, static __rte_unused)

/* The mapping with the lowest address that overlaps the range, or NULL. */
static struct edu_map *
first_touching(struct edu_map_set *set, const struct edu_range *range)
{
	struct edu_map *map = RB_ROOT(set), *best = NULL;

	while (map != NULL) {
		bool touches = edu_range_touches(range, map->range.start, map->range.len);

		if (map->range.start >= range->start) {
			best = touches ? map : best;
			map = RB_LEFT(map, node);
		} else if (touches) {
			return map;
		} else {
			map = RB_RIGHT(map, node);
		}
	}
	return best;
}

const struct edu_map *
edu_table_find(struct edu_table *table, uintptr_t addr)
{
	const struct edu_range byte = {addr, 1};
	struct edu_map *map = first_touching(&table->mapped, &byte);

	return map != NULL ? map : first_touching(&table->implicit, &byte);
}

static int
create(const struct edu_range *range, uint64_t iova, struct edu_map **out)
{
	struct edu_map *map;
	int ret;

	if (iova != range->start) /* this driver supports iova = va only */
		return -EINVAL;
	map = calloc(1, sizeof(*map));
	if (map == NULL)
		return -ENOMEM;
	ret = edu_hw_map(range, &map->address);
	if (ret != 0) {
		free(map);
		return ret;
	}
	map->range = *range;
	map->refs = 1;
	*out = map;
	return 0;
}

static void
destroy(struct edu_map *map)
{
	edu_hw_unmap(&map->range, map->address);
	free(map);
}

static void
insert(struct edu_table *table, struct edu_map_set *set, struct edu_map *map)
{
	mlx5x_gate_close(&table->gate);
	RB_INSERT(edu_map_set, set, map);
	mlx5x_gate_open(&table->gate);
}

static bool
is_exactly(const struct edu_map *map, const struct edu_range *range, uint64_t iova)
{
	return map->range.start == range->start && map->range.len == range->len &&
	       iova == range->start;
}

/* >>> map */
/* Under the lock. 0: it is mapped, and has one more reference now; -EEXIST; -ENOENT: it is free. */
static int
count_existing(struct edu_table *table, const struct edu_range *range, uint64_t iova,
	struct edu_range *conflict)
{
	struct edu_map *map = first_touching(&table->mapped, range);

	if (map == NULL)
		return -ENOENT;
	if (is_exactly(map, range, iova)) {
		map->refs++;
		return 0;
	}
	*conflict = map->range;
	return -EEXIST;
}

int
edu_table_map(struct edu_table *table, const struct edu_range *range, uint64_t iova,
	struct edu_range *conflict)
{
	struct edu_map *map;
	int ret;

	pthread_mutex_lock(&table->lock);
	ret = count_existing(table, range, iova, conflict);
	pthread_mutex_unlock(&table->lock);
	if (ret != -ENOENT)
		return ret;
	ret = create(range, iova, &map); /* pins pages, which may take long: without the lock */
	if (ret != 0)
		return ret;
	/* If another thread mapped it meanwhile, its mapping stands and this one is undone. */
	pthread_mutex_lock(&table->lock);
	ret = count_existing(table, range, iova, conflict);
	if (ret == -ENOENT) {
		insert(table, &table->mapped, map);
		map = NULL;
		ret = 0;
	}
	pthread_mutex_unlock(&table->lock);
	if (map != NULL)
		destroy(map);
	return ret;
}
/* <<< map */

/* >>> unmap */
/* Under the lock, for the last reference. 0, -EBUSY, or an error of the hardware. */
static int
end(struct edu_table *table, struct edu_map *map)
{
	bool owned;
	int ret;

	mlx5x_gate_close(&table->gate); /* waits for the data path to leave */
	owned = table->owns(table, &map->range);
	if (!owned)
		RB_REMOVE(edu_map_set, &table->mapped, map);
	mlx5x_gate_open(&table->gate);
	if (owned)
		return -EBUSY;
	/* No queue can find the address any more. If the kernel fails, restore the mapping. */
	ret = edu_hw_unmap(&map->range, map->address);
	if (ret != 0)
		insert(table, &table->mapped, map);
	return ret;
}

/* Under the lock. *gone: the mapping that has ended, if any. */
static int
put_existing(struct edu_table *table, const struct edu_range *range, uint64_t iova,
	struct edu_range *conflict, struct edu_map **gone)
{
	struct edu_map *map = first_touching(&table->mapped, range);
	int ret;

	if (map == NULL)
		return -ENOENT;
	if (!is_exactly(map, range, iova)) {
		*conflict = map->range;
		return -EINVAL;
	}
	if (map->refs > 1) {
		map->refs--;
		return 0;
	}
	ret = end(table, map);
	if (ret == 0)
		*gone = map;
	return ret;
}

int
edu_table_unmap(struct edu_table *table, const struct edu_range *range, uint64_t iova,
	struct edu_range *conflict)
{
	struct edu_map *gone = NULL;
	int ret;

	pthread_mutex_lock(&table->lock);
	ret = put_existing(table, range, iova, conflict, &gone);
	pthread_mutex_unlock(&table->lock);
	free(gone);
	return ret;
}
/* <<< unmap */

/* Under the lock. *gap: the first part of the range in neither set; false if there is none. */
static bool
first_gap(struct edu_table *table, const struct edu_range *range, struct edu_range *gap)
{
	const struct edu_map *map, *a, *b;
	size_t covered;

	*gap = *range;
	while (gap->len != 0 && (map = edu_table_find(table, gap->start)) != NULL) {
		covered = RTE_MIN(gap->len, map->range.len - (gap->start - map->range.start));
		gap->start += covered;
		gap->len -= covered;
	}
	if (gap->len == 0)
		return false;
	a = first_touching(&table->mapped, gap);
	if (a != NULL)
		gap->len = a->range.start - gap->start;
	b = first_touching(&table->implicit, gap);
	if (b != NULL)
		gap->len = b->range.start - gap->start;
	return true;
}

/* Maps the gap, unless another thread does so meanwhile. */
static int
cover_gap(struct edu_table *table, const struct edu_range *gap)
{
	struct edu_map *map;
	int ret;

	ret = create(gap, gap->start, &map);
	if (ret != 0)
		return ret;
	pthread_mutex_lock(&table->lock);
	if (first_touching(&table->implicit, gap) == NULL) {
		insert(table, &table->implicit, map);
		map = NULL;
	}
	pthread_mutex_unlock(&table->lock);
	if (map != NULL)
		destroy(map);
	return 0;
}

int
edu_table_cover(struct edu_table *table, const struct edu_range *range)
{
	struct edu_range gap;
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

/* Removes the next implicit mapping in the range; the slow unmap follows without the lock. */
static struct edu_map *
take_implicit(struct edu_table *table, const struct edu_range *range)
{
	struct edu_map *map;

	pthread_mutex_lock(&table->lock);
	map = first_touching(&table->implicit, range);
	if (map != NULL) {
		mlx5x_gate_close(&table->gate);
		RB_REMOVE(edu_map_set, &table->implicit, map);
		mlx5x_gate_open(&table->gate);
	}
	pthread_mutex_unlock(&table->lock);
	return map;
}

void
edu_table_forget(struct edu_table *table, const struct edu_range *range)
{
	struct edu_map *map;

	while ((map = take_implicit(table, range)) != NULL)
		destroy(map);
}

void
edu_table_init(struct edu_table *table,
	bool (*owns)(struct edu_table *table, const struct edu_range *range))
{
	RB_INIT(&table->mapped);
	RB_INIT(&table->implicit);
	pthread_mutex_init(&table->lock, NULL);
	table->gate = (struct mlx5x_gate){0};
	table->owns = owns;
}

static void
empty(struct edu_map_set *set)
{
	struct edu_map *map;

	while ((map = RB_ROOT(set)) != NULL) {
		RB_REMOVE(edu_map_set, set, map);
		destroy(map);
	}
}

void
edu_table_fini(struct edu_table *table)
{
	empty(&table->mapped);
	empty(&table->implicit);
	pthread_mutex_destroy(&table->lock);
}
