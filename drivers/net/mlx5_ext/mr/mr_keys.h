/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mr_keys.h - the steps of which the changes of a table of regions consist: a region comes into set and
 * index, or out of both, in one. For mr*.c alone; mr.h has the states.
 *
 * Under the table's lock, unless it says otherwise.
 */
#ifndef MLX5X_MR_KEYS_H_
#define MLX5X_MR_KEYS_H_

#include "mr/mr_table.h"

/* A range that a thread is registering. On its stack; known to the table until it has the lock again. */
struct mlx5x_mr_arrival {
	LIST_ENTRY(mlx5x_mr_arrival) next;
	struct mlx5x_range range;
	bool stale;		/* its memory went meanwhile: what was registered is of no use */
	bool met;		/* a live region touches the range, or did so meanwhile */
};

/* All gates at once, so that the wait is that of the longest burst and not of their sum. */
void mlx5x_mr_close_gates(struct mlx5x_mr_table *table);
void mlx5x_mr_open_gates(struct mlx5x_mr_table *table);

/* Whether a region that touches the range is leaving; and to wait, with the lock free, until none is. */
bool mlx5x_mr_is_leaving(const struct mlx5x_mr_table *table, const struct mlx5x_range *range);
void mlx5x_mr_wait_for_leaving(struct mlx5x_mr_table *table, const struct mlx5x_range *range);

/*
 * Takes the lock, when the index has room for n more ranges and nothing that touches the range is
 * leaving. 0, or -ENOMEM without the lock.
 */
int mlx5x_mr_lock_with_room(struct mlx5x_mr_table *table, const struct mlx5x_range *range, size_t n);

/*
 * With room in the index, and nothing of the set in the way: bursts find the keys from here on, and
 * whoever is registering what it touches knows.
 */
void mlx5x_mr_link(struct mlx5x_mr_table *table, struct mlx5x_region *region);

/*
 * Gates closed: from here on nobody finds the region and no queue knows its keys. How many entries
 * the index had of it is in region->reserved.
 */
void mlx5x_mr_unlink(struct mlx5x_mr_table *table, struct mlx5x_region *region);

/* The same, with its room in the index kept, and a place where others wait; and the end of that. */
void mlx5x_mr_begin_leaving(struct mlx5x_mr_table *table, struct mlx5x_region *region);
void mlx5x_mr_stop_leaving(struct mlx5x_mr_table *table, struct mlx5x_region *region);

/* Gates closed: whether the device may still touch the range for some queue. */
bool mlx5x_mr_is_owned(struct mlx5x_mr_table *table, const struct mlx5x_range *range);

/* Gates closed, region unlinked: it is kept until no queue owns buffers in it. */
void mlx5x_mr_keep(struct mlx5x_mr_table *table, struct mlx5x_region *region);

/* Gates closed: no implicit region touches the range any more. What no queue owns goes into *ended. */
void mlx5x_mr_displace(struct mlx5x_mr_table *table, const struct mlx5x_range *range,
	struct mlx5x_region_list *ended);

/* It is kept no longer, and goes into *ended. */
void mlx5x_mr_drop_kept(struct mlx5x_mr_table *table, struct mlx5x_region *region,
	struct mlx5x_region_list *ended);

/* Gates closed: what was kept and is not owned any more goes into *ended. */
void mlx5x_mr_sweep(struct mlx5x_mr_table *table, struct mlx5x_region_list *ended);

/* Not under the lock: ends the registrations. */
void mlx5x_mr_end_all(struct mlx5x_region_list *ended);

/* The thread is about to register the range, with the lock free. met: a live region touches it. */
void mlx5x_mr_arrive(struct mlx5x_mr_table *table, struct mlx5x_mr_arrival *arrival,
	const struct mlx5x_range *range, bool met);

/*
 * Called without the lock: the arrival is over. Takes the lock, as mlx5x_mr_lock_with_room(). 0; -ENOMEM,
 * or -EFAULT if the memory went meanwhile, without the lock.
 */
int mlx5x_mr_settle(struct mlx5x_mr_table *table, struct mlx5x_mr_arrival *arrival, size_t n);

/* The same for one region, which is made before: with an error there is none. */
int mlx5x_mr_register(struct mlx5x_mr_table *table, struct mlx5x_mr_arrival *arrival, uint64_t iova,
	struct mlx5x_region **region);

/*
 * Called without the lock. Implicit regions that reach into the range and beyond: what is beyond has a
 * region of its own then, and what is inside has none. 0 or -errno of registration.
 */
int mlx5x_mr_cut(struct mlx5x_mr_table *table, const struct mlx5x_range *range);

/* The first region that touches the range, or NULL. */
static inline struct mlx5x_region *
mlx5x_mr_first(struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	return mlx5x_mr_set_first(&table->regions, range);
}

/* The next one that touches the range, or NULL. */
static inline struct mlx5x_region *
mlx5x_mr_next(struct mlx5x_mr_table *table, const struct mlx5x_range *range,
	struct mlx5x_region *region)
{
	region = mlx5x_mr_set_next(&table->regions, region);
	return region != NULL && mlx5x_range_touches(range, region->range.start,
		region->range.len) ? region : NULL;
}

/* Of the regions that touch the range, from this one on, the first that is a mapping; or NULL. */
static inline struct mlx5x_region *
mlx5x_mr_next_mapped(struct mlx5x_mr_table *table, const struct mlx5x_range *range,
	struct mlx5x_region *region)
{
	while (region != NULL && region->implicit)
		region = mlx5x_mr_next(table, range, region);
	return region;
}

/* The first mapping that touches the range, or NULL. */
static inline struct mlx5x_region *
mlx5x_mr_first_mapped(struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	return mlx5x_mr_next_mapped(table, range, mlx5x_mr_first(table, range));
}

#endif
