/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mr_implicit.c - how implicit regions are created and replaced. mr.h has the contract.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "mr/mr.h"
#include "mr/mr_keys.h"

/* Under the lock. *gap: the first part of the range without a region; false if there is none. */
static bool
first_gap(struct mlx5x_mr_table *table, const struct mlx5x_range *range, struct mlx5x_range *gap)
{
	const struct mlx5x_region *region;
	size_t covered;

	*gap = *range;
	while ((region = mlx5x_mr_first(table, gap)) != NULL) {
		if (region->range.start > gap->start) {
			gap->len = region->range.start - gap->start;
			return true;
		}
		covered = region->range.len - (gap->start - region->range.start);
		if (covered >= gap->len)
			return false;
		gap->start += covered;
		gap->len -= covered;
	}
	return true;
}

/* Registers and links one gap, unless another thread has done so meanwhile. */
static int
cover_gap(struct mlx5x_mr_table *table, struct mlx5x_mr_arrival *arrival)
{
	struct mlx5x_range gap = arrival->range;
	struct mlx5x_region *region;
	int ret;

	ret = mlx5x_mr_register(table, arrival, gap.start, &region);
	if (ret != 0)
		return ret;
	region->implicit = true;
	if (!arrival->met || mlx5x_mr_first(table, &gap) == NULL) {
		mlx5x_mr_link(table, region);
		region = NULL;
	}
	pthread_mutex_unlock(&table->lock);
	if (region != NULL)
		mlx5x_region_destroy(region);
	return 0;
}

int
mlx5x_mr_ensure(struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	struct mlx5x_mr_arrival arrival;
	struct mlx5x_range gap;
	bool found;
	int ret = 0;

	do {
		pthread_mutex_lock(&table->lock);
		mlx5x_mr_wait_for_leaving(table, range);
		found = first_gap(table, range, &gap);
		if (found)
			mlx5x_mr_arrive(table, &arrival, &gap, false);
		pthread_mutex_unlock(&table->lock);
		if (found)
			ret = cover_gap(table, &arrival);
	} while (found && ret == 0);
	return ret;
}

/* The replacements of implicit regions: the range itself, if whole, and their parts outside it. */
struct plan {
	unsigned int n;
	struct mlx5x_range ranges[3];
};

static void
add_range(struct plan *plan, uintptr_t start, size_t len)
{
	plan->ranges[plan->n++] = (struct mlx5x_range){start, len};
}

/* The parts before and behind the range of a region that overlaps it. */
static void
add_rests(struct plan *plan, const struct mlx5x_range *range, const struct mlx5x_range *region)
{
	size_t before, inside;

	if (region->start < range->start) {
		before = range->start - region->start;
		inside = region->len - before;
		add_range(plan, region->start, before);
		if (inside > range->len)
			add_range(plan, range->start + range->len, inside - range->len);
	} else {
		inside = range->len - (region->start - range->start);
		if (region->len > inside)
			add_range(plan, region->start + inside, region->len - inside);
	}
}

/* Under the lock. whole: include the range itself; then false if a mapping overlaps. */
static bool
make_plan(struct mlx5x_mr_table *table, const struct mlx5x_range *range, bool whole,
	struct plan *plan)
{
	struct mlx5x_region *region;

	memset(plan, 0, sizeof(*plan));
	if (whole)
		add_range(plan, range->start, range->len);
	for (region = mlx5x_mr_first(table, range); region != NULL;
			region = mlx5x_mr_next(table, range, region)) {
		if (region->implicit)
			add_rests(plan, range, &region->range);
		else if (whole)
			return false;
	}
	return true;
}

static struct mlx5x_range
hull_of(const struct plan *plan)
{
	uintptr_t first = UINTPTR_MAX, last = 0;
	unsigned int i;

	for (i = 0; i < plan->n; i++) {
		first = RTE_MIN(first, plan->ranges[i].start);
		last = RTE_MAX(last, plan->ranges[i].start + (plan->ranges[i].len - 1));
	}
	return (struct mlx5x_range){first, last - first + 1};
}

/* Registers all ranges of the plan, or none. 0 or -errno. */
static int
create_all(struct mlx5x_mr_table *table, const struct plan *plan,
	struct mlx5x_region_list *regions, size_t *parts)
{
	struct mlx5x_region *region;
	unsigned int i;
	int ret;

	*parts = 0;
	for (i = 0; i < plan->n; i++) {
		ret = mlx5x_region_create(table->pd, &plan->ranges[i], plan->ranges[i].start,
			&table->cut, NULL, &region);
		if (ret != 0) {
			mlx5x_mr_end_all(regions);
			return ret;
		}
		region->implicit = true;
		LIST_INSERT_HEAD(regions, region, next);
		*parts += mlx5x_region_max_parts(region);
	}
	return 0;
}

/* Under the lock. Replaces the regions, in one closing of the gates. */
static void
exchange(struct mlx5x_mr_table *table, const struct mlx5x_range *range,
	struct mlx5x_region_list *regions, struct mlx5x_region_list *ended)
{
	struct mlx5x_region *region;

	mlx5x_mr_close_gates(table);
	mlx5x_mr_displace(table, range, ended);
	mlx5x_mr_sweep(table, ended);
	while ((region = LIST_FIRST(regions)) != NULL) {
		LIST_REMOVE(region, next);
		mlx5x_mr_link(table, region);
	}
	mlx5x_mr_open_gates(table);
}

static bool
is_in_one(struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	const struct mlx5x_region *region = mlx5x_mr_first(table, range);

	return region != NULL && mlx5x_range_holds(&region->range, range->start, range->len);
}

/* Carries out the plan. -EAGAIN: the table has changed since it was made. */
static int
carry_out(struct mlx5x_mr_table *table, const struct mlx5x_range *range, bool whole,
	const struct plan *plan, struct mlx5x_mr_arrival *arrival)
{
	struct mlx5x_region_list regions = LIST_HEAD_INITIALIZER(regions);
	struct mlx5x_region_list ended = LIST_HEAD_INITIALIZER(ended);
	struct plan now;
	size_t parts;
	int ret, settled;

	ret = create_all(table, plan, &regions, &parts);
	settled = mlx5x_mr_settle(table, arrival, parts);
	if (ret == 0 && settled == 0) {
		if (make_plan(table, range, whole, &now) && memcmp(&now, plan, sizeof(now)) == 0 &&
		    !(whole && is_in_one(table, range)))
			exchange(table, range, &regions, &ended);
		else
			ret = -EAGAIN;
	}
	if (settled == 0)
		pthread_mutex_unlock(&table->lock);
	mlx5x_mr_end_all(&regions);
	mlx5x_mr_end_all(&ended);
	/*
	 * Freed memory may be outside the range: try again. If it is in the range, the next
	 * registration fails.
	 */
	if (settled == -EFAULT)
		settled = -EAGAIN;
	return ret != 0 ? ret : settled;
}

/*
 * Makes a plan and carries it out. 0; -EALREADY: nothing to do; -EEXIST: a mapping overlaps;
 * -EAGAIN: another thread has changed the table; or -errno of a registration.
 */
static int
replace(struct mlx5x_mr_table *table, const struct mlx5x_range *range, bool whole)
{
	struct mlx5x_mr_arrival arrival;
	struct mlx5x_range hull;
	struct plan plan;
	int ret = 0;

	pthread_mutex_lock(&table->lock);
	mlx5x_mr_wait_for_leaving(table, range);
	if (whole && is_in_one(table, range))
		ret = -EALREADY;
	else if (!make_plan(table, range, whole, &plan))
		ret = -EEXIST;
	else if (plan.n == 0)
		ret = -EALREADY;
	if (ret == 0) {
		hull = hull_of(&plan);
		mlx5x_mr_arrive(table, &arrival, &hull, true);
	}
	pthread_mutex_unlock(&table->lock);
	return ret != 0 ? ret : carry_out(table, range, whole, &plan, &arrival);
}

int
mlx5x_mr_ensure_whole(struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	int ret;

	do {
		ret = replace(table, range, true);
	} while (ret == -EAGAIN);
	if (ret == -EEXIST)
		ret = mlx5x_mr_ensure(table, range);
	return ret == -EALREADY ? 0 : ret;
}

int
mlx5x_mr_cut(struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	int ret;

	do {
		ret = replace(table, range, false);
	} while (ret == -EAGAIN);
	return ret == -EALREADY ? 0 : ret;
}
