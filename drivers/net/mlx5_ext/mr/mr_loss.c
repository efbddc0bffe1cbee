/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mr_loss.c - the end of regions whose memory is freed, by force, and of those whose pool is freed,
 * unless a queue owns buffers in them. mr.h has the contract.
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

/* At most two mappings reach beyond the range: one over its start, one over its end. */
#define HOLES 2

/* The regions that a freed range affects, collected under the lock. */
struct invalidation {
	const struct mlx5x_range *range;
	struct mlx5x_hole *holes[HOLES];
	struct mlx5x_region_list ended;
	struct mlx5x_region *mappings;	/* a chain */
	struct mlx5x_mr_loss *loss;
};

static struct mlx5x_hole *
take_hole(struct invalidation *inv)
{
	struct mlx5x_hole *hole = NULL;
	unsigned int i;

	for (i = 0; i < HOLES && hole == NULL; i++) {
		hole = inv->holes[i];
		inv->holes[i] = NULL;
	}
	if (hole != NULL)
		hole->range = *inv->range;
	return hole;
}

/* Gates closed. Invalidates the part in the range; all of it if there is no memory for a hole. */
static void
invalidate_mapping(struct mlx5x_mr_table *table, struct mlx5x_region *region,
	struct invalidation *inv)
{
	struct mlx5x_hole *hole = is_inside(inv->range, region) ? NULL : take_hole(inv);

	if (inv->loss->mappings++ == 0)
		inv->loss->mapping = region->range;
	if (hole != NULL) {
		mlx5x_mr_unlink(table, region);
		mlx5x_region_pierce(region, hole);
		mlx5x_mr_link(table, region);
		return;
	}
	mlx5x_mr_begin_leaving(table, region);
	region->chain = inv->mappings;
	inv->mappings = region;
}

/* Gates closed. */
static void
invalidate_regions(struct mlx5x_mr_table *table, struct invalidation *inv)
{
	struct mlx5x_region *region, *next;

	for (region = mlx5x_mr_first(table, inv->range); region != NULL; region = next) {
		next = mlx5x_mr_next(table, inv->range, region);
		if (!region->implicit) {
			invalidate_mapping(table, region, inv);
		} else if (is_inside(inv->range, region)) {
			mlx5x_mr_unlink(table, region);
			LIST_INSERT_HEAD(&inv->ended, region, next);
		}
	}
	/* Implicit regions that could not be cut for want of memory or MRs. */
	mlx5x_mr_displace(table, inv->range, &inv->ended);
}

/* Gates closed. */
static void
invalidate_kept(struct mlx5x_mr_table *table, struct invalidation *inv)
{
	struct mlx5x_region *region, *next;

	mlx5x_mr_sweep(table, &inv->ended);
	for (region = LIST_FIRST(&table->kept); region != NULL; region = next) {
		next = LIST_NEXT(region, next);
		if (is_inside(inv->range, region))
			mlx5x_mr_drop_kept(table, region, &inv->ended);
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
invalidate_all(struct mlx5x_mr_table *table, struct invalidation *inv)
{
	mark_arrivals(table, inv->range);
	if (mlx5x_mr_first(table, inv->range) == NULL && LIST_EMPTY(&table->kept))
		return;
	mlx5x_mr_close_gates(table);
	invalidate_regions(table, inv);
	invalidate_kept(table, inv);
	mlx5x_mr_open_gates(table);
}

/* Not under the lock. The regions stay on the list of gone ones, for their unmap to find. */
static void
end_mappings(struct mlx5x_mr_table *table, struct mlx5x_region *region)
{
	struct mlx5x_region *next;
	int ret;

	for (; region != NULL; region = next) {
		next = region->chain;
		ret = mlx5x_region_dereg(region);
		if (ret != 0)
			MLX5X_LOG(ERR, "cannot deregister %zu bytes at %#" PRIxPTR ": %s",
				region->range.len, region->range.start, strerror(-ret));
		pthread_mutex_lock(&table->lock);
		mlx5x_mr_finish_leaving(table, region);
		LIST_INSERT_HEAD(&table->gone, region, next);
		pthread_mutex_unlock(&table->lock);
	}
}

static void
free_holes(struct invalidation *inv)
{
	unsigned int i;

	for (i = 0; i < HOLES; i++) {
		free(inv->holes[i]);
		inv->holes[i] = NULL;
	}
}

void
mlx5x_mr_invalidate(struct mlx5x_mr_table *table, const struct mlx5x_range *range,
	struct mlx5x_mr_loss *loss)
{
	/* A hole needs room in the index for a run on either side, in blocks that are there. */
	struct mlx5x_mr_index_need need = {.ranges = HOLES};
	struct invalidation inv = {.range = range, .loss = loss};
	unsigned int i;

	*loss = (struct mlx5x_mr_loss){0};
	__atomic_fetch_add(&table->losses, 1, __ATOMIC_RELAXED);
	mlx5x_mr_cut(table, range);
	for (i = 0; i < HOLES; i++)
		inv.holes[i] = malloc(sizeof(*inv.holes[i]));
	if (mlx5x_mr_lock_with_room(table, range, &need) != 0) {
		free_holes(&inv);
		pthread_mutex_lock(&table->lock);
		mlx5x_mr_wait_for_leaving(table, range);
	}
	invalidate_all(table, &inv);
	pthread_mutex_unlock(&table->lock);
	free_holes(&inv);
	mlx5x_mr_end_all(&inv.ended);
	end_mappings(table, inv.mappings);
}

/* The smallest range that contains all of them. */
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

/* Gates closed. Unlinks the implicit regions inside the range and moves them to *list. */
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

/* Gates closed. Searches the rings per region only if a queue owns any buffer of the pool. */
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
