/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mr_keys.h - the steps that change a table of regions: each puts a region into set and index, or
 * removes it from both, at once. For mr*.c only; mr.h has the states.
 *
 * Called with the table's lock held, unless a comment says otherwise.
 */
#ifndef MLX5X_MR_KEYS_H_
#define MLX5X_MR_KEYS_H_

#include "mr/mr_table.h"

/* A registration in progress: on its thread's stack, in the table until that has the lock again. */
struct mlx5x_mr_arrival {
	LIST_ENTRY(mlx5x_mr_arrival) next;
	struct mlx5x_range range;
	bool stale;		/* the memory was freed meanwhile: discard the registration */
	bool met;		/* a live region overlaps the range, or did so meanwhile */
	const struct mlx5x_source *source;	/* or NULL */
};

/*
 * All gates in parallel: waits for the longest burst, not for the sum of all. What was removed from
 * the index can be used again.
 */
void mlx5x_mr_close_gates(struct mlx5x_mr_table *table);
void mlx5x_mr_open_gates(struct mlx5x_mr_table *table);

/* True if a region that overlaps is leaving; and wait, with the lock released, until none is. */
bool mlx5x_mr_is_leaving(const struct mlx5x_mr_table *table, const struct mlx5x_range *range);
void mlx5x_mr_wait_for_leaving(struct mlx5x_mr_table *table, const struct mlx5x_range *range);

/*
 * Called without the lock. Takes it once the index has room for that and no overlapping region is
 * leaving. 0; -ENOMEM: the lock is not held.
 */
int mlx5x_mr_lock_with_room(struct mlx5x_mr_table *table, const struct mlx5x_range *range,
	const struct mlx5x_mr_index_need *need);

/*
 * Inserts the region into set and index: bursts find its lkeys from here on. Requires room in the
 * index and no overlap with the set. Marks overlapping arrivals as met.
 */
void mlx5x_mr_link(struct mlx5x_mr_table *table, struct mlx5x_region *region);

/* Gates closed. Removes the region from set, index and the queues' caches. */
void mlx5x_mr_unlink(struct mlx5x_mr_table *table, struct mlx5x_region *region);

/*
 * Begin, gates closed: removes the region from set and caches, hides it in the index, and puts it
 * on the list of leaving regions, for which other threads wait. The other two, gates open or
 * closed, end that wait: finish removes it from the index; cancel makes it live again, which cannot
 * fail.
 */
void mlx5x_mr_begin_leaving(struct mlx5x_mr_table *table, struct mlx5x_region *region);
void mlx5x_mr_finish_leaving(struct mlx5x_mr_table *table, struct mlx5x_region *region);
void mlx5x_mr_cancel_leaving(struct mlx5x_mr_table *table, struct mlx5x_region *region);

/* Gates closed. True if the device may still access the range on behalf of a queue. */
bool mlx5x_mr_is_owned(struct mlx5x_mr_table *table, const struct mlx5x_range *range);

/* Gates closed, region unlinked: puts it on the list of kept regions. */
void mlx5x_mr_keep(struct mlx5x_mr_table *table, struct mlx5x_region *region);

/* Gates closed. Unlinks the implicit regions that overlap: kept if owned, else moved to *ended. */
void mlx5x_mr_displace(struct mlx5x_mr_table *table, const struct mlx5x_range *range,
	struct mlx5x_region_list *ended);

/* Moves a kept region to *ended. */
void mlx5x_mr_drop_kept(struct mlx5x_mr_table *table, struct mlx5x_region *region,
	struct mlx5x_region_list *ended);

/* Gates closed. Moves the kept regions that no queue owns any more to *ended. */
void mlx5x_mr_sweep(struct mlx5x_mr_table *table, struct mlx5x_region_list *ended);

/* Called without the lock. Deregisters and frees the regions on the list. */
void mlx5x_mr_end_all(struct mlx5x_region_list *ended);

/* Announces a registration that follows without the lock. met: a live region overlaps the range. */
void mlx5x_mr_arrive(struct mlx5x_mr_table *table, struct mlx5x_mr_arrival *arrival,
	const struct mlx5x_range *range, bool met);

/*
 * Called without the lock. Removes the arrival and takes the lock as mlx5x_mr_lock_with_room(). 0;
 * -ENOMEM, or -EFAULT if the memory was freed meanwhile: the lock is not held.
 */
int mlx5x_mr_settle(struct mlx5x_mr_table *table, struct mlx5x_mr_arrival *arrival, size_t n);

/*
 * Called without the lock. Creates the region of the arrival, then the same. 0: the lock is held;
 * or an error of mlx5x_region_create() or of mlx5x_mr_settle(): there is no region, and no lock
 * held.
 */
int mlx5x_mr_register(struct mlx5x_mr_table *table, struct mlx5x_mr_arrival *arrival, uint64_t iova,
	struct mlx5x_region **region);

/*
 * Called without the lock. Cuts the implicit regions that overlap the range and reach beyond it:
 * the parts outside get regions of their own, the part inside has none. 0 or -errno of a
 * registration.
 */
int mlx5x_mr_cut(struct mlx5x_mr_table *table, const struct mlx5x_range *range);

/* The first region that overlaps the range, or NULL. */
static inline struct mlx5x_region *
mlx5x_mr_first(struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	return mlx5x_mr_set_first(&table->regions, range);
}

/* The next region that overlaps the range, or NULL. */
static inline struct mlx5x_region *
mlx5x_mr_next(struct mlx5x_mr_table *table, const struct mlx5x_range *range,
	struct mlx5x_region *region)
{
	region = mlx5x_mr_set_next(&table->regions, region);
	return region != NULL && mlx5x_range_touches(range, region->range.start,
		region->range.len) ? region : NULL;
}

/* The first mapping among the regions that overlap the range, from this region on; or NULL. */
static inline struct mlx5x_region *
mlx5x_mr_next_mapped(struct mlx5x_mr_table *table, const struct mlx5x_range *range,
	struct mlx5x_region *region)
{
	while (region != NULL && region->implicit)
		region = mlx5x_mr_next(table, range, region);
	return region;
}

/* The first mapping that overlaps the range, or NULL. */
static inline struct mlx5x_region *
mlx5x_mr_first_mapped(struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	return mlx5x_mr_next_mapped(table, range, mlx5x_mr_first(table, range));
}

#endif
