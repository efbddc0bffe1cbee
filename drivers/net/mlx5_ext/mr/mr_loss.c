/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mr_loss.c - the end of keys that comes with the end of what they are for: of memory, by force; of a
 * pool, as far as no queue has use for them. See mr.h.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#define LOG_COMPONENT "mr"
#include "common/log.h"
#include "mr/mr.h"
#include "mr/mr_keys.h"

static bool
is_inside(const struct mlx5x_range *range, const struct mlx5x_region *region)
{
	return mlx5x_range_holds(range, region->range.start, region->range.len);
}

/* A mapping reaches over one end of the range, or over both; so there are two of them at most. */
#define HOLES 2

/* What a loss takes along, put together under the lock. */
struct takings {
	const struct mlx5x_range *range;
	struct mlx5x_hole *holes[HOLES];
	struct mlx5x_region_list ended;
	struct mlx5x_region *mappings;	/* a chain */
	struct mlx5x_mr_loss *loss;
};

static struct mlx5x_hole *
take_hole(struct takings *takings)
{
	struct mlx5x_hole *hole = NULL;
	unsigned int i;

	for (i = 0; i < HOLES && hole == NULL; i++) {
		hole = takings->holes[i];
		takings->holes[i] = NULL;
	}
	if (hole != NULL)
		hole->range = *takings->range;
	return hole;
}

/* Gates closed. A part of it, or, without memory to note that down, all. */
static void
take_mapping(struct mlx5x_mr_table *table, struct mlx5x_region *region, struct takings *takings)
{
	struct mlx5x_hole *hole = is_inside(takings->range, region) ? NULL : take_hole(takings);

	if (takings->loss->mappings++ == 0)
		takings->loss->mapping = region->range;
	if (hole != NULL) {
		mlx5x_mr_unlink(table, region);
		mlx5x_region_pierce(region, hole);
		mlx5x_mr_link(table, region);
		return;
	}
	mlx5x_mr_begin_leaving(table, region);
	region->chain = takings->mappings;
	takings->mappings = region;
}

/* Gates closed. */
static void
take_regions(struct mlx5x_mr_table *table, struct takings *takings)
{
	struct mlx5x_region *region, *next;

	for (region = mlx5x_mr_first(table, takings->range); region != NULL; region = next) {
		next = mlx5x_mr_next(table, takings->range, region);
		if (!region->implicit) {
			take_mapping(table, region, takings);
		} else if (is_inside(takings->range, region)) {
			mlx5x_mr_unlink(table, region);
			LIST_INSERT_HEAD(&takings->ended, region, next);
		}
	}
	/* There was no memory, or no MR, to cut these. */
	mlx5x_mr_displace(table, takings->range, &takings->ended);
}

/* Gates closed. */
static void
take_kept(struct mlx5x_mr_table *table, struct takings *takings)
{
	struct mlx5x_region *region, *next;

	mlx5x_mr_sweep(table, &takings->ended);
	for (region = LIST_FIRST(&table->kept); region != NULL; region = next) {
		next = LIST_NEXT(region, next);
		if (is_inside(takings->range, region))
			mlx5x_mr_drop_kept(table, region, &takings->ended);
	}
}

/* Under the lock. */
static void
mark_arrivals(struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	struct mlx5x_mr_arrival *arrival;

	LIST_FOREACH(arrival, &table->arrivals, next)
		if (mlx5x_range_touches(range, arrival->range.start, arrival->range.len))
			arrival->stale = true;
}

/* Under the lock. */
static void
take_all(struct mlx5x_mr_table *table, struct takings *takings)
{
	mark_arrivals(table, takings->range);
	if (mlx5x_mr_first(table, takings->range) == NULL && LIST_EMPTY(&table->kept))
		return;
	mlx5x_mr_close_gates(table);
	take_regions(table, takings);
	take_kept(table, takings);
	mlx5x_mr_open_gates(table);
}

/* Not under the lock. Their unmap is still to come, and finds them. */
static void
end_mappings(struct mlx5x_mr_table *table, struct mlx5x_region *region)
{
	struct mlx5x_region *next;
	int ret;

	for (; region != NULL; region = next) {
		next = region->chain;
		ret = mlx5x_region_dereg(region);
		if (ret != 0)
			MLX5X_LOG(ERR, "cannot end the registration of %zu bytes at %#" PRIxPTR ": %s",
				region->range.len, region->range.start, strerror(-ret));
		pthread_mutex_lock(&table->lock);
		mlx5x_mr_stop_leaving(table, region);
		LIST_INSERT_HEAD(&table->gone, region, next);
		pthread_mutex_unlock(&table->lock);
	}
}

static void
free_holes(struct takings *takings)
{
	unsigned int i;

	for (i = 0; i < HOLES; i++) {
		free(takings->holes[i]);
		takings->holes[i] = NULL;
	}
}

void
mlx5x_mr_invalidate(struct mlx5x_mr_table *table, const struct mlx5x_range *range,
	struct mlx5x_mr_loss *loss)
{
	struct takings takings = {.range = range, .loss = loss};
	unsigned int i;

	*loss = (struct mlx5x_mr_loss){0};
	__atomic_fetch_add(&table->losses, 1, __ATOMIC_RELAXED);
	mlx5x_mr_cut(table, range);
	for (i = 0; i < HOLES; i++)
		takings.holes[i] = malloc(sizeof(*takings.holes[i]));
	/* Without room for what is on either side of a hole there can be none. */
	if (mlx5x_mr_lock_with_room(table, range, HOLES) != 0) {
		free_holes(&takings);
		pthread_mutex_lock(&table->lock);
		mlx5x_mr_wait_for_leaving(table, range);
	}
	take_all(table, &takings);
	pthread_mutex_unlock(&table->lock);
	free_holes(&takings);
	mlx5x_mr_end_all(&takings.ended);
	end_mappings(table, takings.mappings);
}

/* The smallest range that has them all. */
static struct mlx5x_range
hull_of(const struct mlx5x_range *ranges, size_t n)
{
	struct mlx5x_range hull = ranges[0];
	uintptr_t last = hull.start + (hull.len - 1);
	size_t i;

	for (i = 1; i < n; i++) {
		hull.start = RTE_MIN(hull.start, ranges[i].start);
		last = RTE_MAX(last, ranges[i].start + (ranges[i].len - 1));
	}
	hull.len = last - hull.start + 1;
	return hull;
}

/* Gates closed: out of set and index, into *list. */
static void
take_inside(struct mlx5x_mr_table *table, const struct mlx5x_range *range,
	struct mlx5x_region_list *list)
{
	struct mlx5x_region *region, *next;

	for (region = mlx5x_mr_first(table, range); region != NULL; region = next) {
		next = mlx5x_mr_next(table, range, region);
		if (!region->implicit || !is_inside(range, region))
			continue;
		mlx5x_mr_unlink(table, region);
		LIST_INSERT_HEAD(list, region, next);
	}
}

/* Gates closed. Rings are searched once a region only where they have something of the pool at all. */
static void
keep_owned(struct mlx5x_mr_table *table, const struct mlx5x_range *hull,
	struct mlx5x_region_list *list)
{
	struct mlx5x_region *region, *next;

	if (LIST_EMPTY(list) || !mlx5x_mr_is_owned(table, hull))
		return;
	for (region = LIST_FIRST(list); region != NULL; region = next) {
		next = LIST_NEXT(region, next);
		if (!mlx5x_mr_is_owned(table, &region->range))
			continue;
		LIST_REMOVE(region, next);
		mlx5x_mr_keep(table, region);
	}
}

void
mlx5x_mr_retire(struct mlx5x_mr_table *table, const struct mlx5x_range *ranges, size_t n)
{
	struct mlx5x_region_list ended = LIST_HEAD_INITIALIZER(ended);
	struct mlx5x_range hull = hull_of(ranges, n);
	size_t i;

	pthread_mutex_lock(&table->lock);
	mlx5x_mr_close_gates(table);
	for (i = 0; i < n; i++)
		take_inside(table, &ranges[i], &ended);
	keep_owned(table, &hull, &ended);
	mlx5x_mr_sweep(table, &ended);
	mlx5x_mr_open_gates(table);
	pthread_mutex_unlock(&table->lock);
	mlx5x_mr_end_all(&ended);
}
