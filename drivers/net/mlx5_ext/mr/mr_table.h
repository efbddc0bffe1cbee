/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mr_table.h - the data of a table of regions. mr.h has the states of a region and the lock order.
 */
#ifndef MLX5X_MR_TABLE_H_
#define MLX5X_MR_TABLE_H_

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bsd/sys/queue.h>
#include <infiniband/verbs.h>

#include "mr/gate.h"
#include "mr/mr_cache.h"
#include "mr/mr_index.h"
#include "mr/mr_set.h"
#include "mr/region.h"

/*
 * A queue, as the table sees it: a gate, an lkey cache, and owns(), which tells whether the device
 * may still access a range on behalf of the queue. owns() is called with the gate closed.
 */
struct mlx5x_mr_user {
	struct mlx5x_gate gate;
	struct mlx5x_mr_cache cache;
	bool (*owns)(struct mlx5x_mr_user *user, const struct mlx5x_range *range);
	LIST_ENTRY(mlx5x_mr_user) next;
};

/* The current registrations. A region counts once, whatever its references. */
struct mlx5x_mr_usage {
	uint64_t mapped_regions;
	uint64_t mapped_bytes;
	uint64_t implicit_regions;
	uint64_t implicit_bytes;
	uint64_t device_mrs;	/* MRs of the device for all of these */
	uint64_t pinned_bytes;	/* of whole pages; a page under several MRs counts for each */
};

struct mlx5x_mr_arrival;

struct mlx5x_mr_table {
	struct mlx5x_mr_index index;	/* the only part that bursts read */
	struct mlx5x_mr_set regions;	/* live */
	struct mlx5x_cut cut;		/* of each range */
	uint32_t losses;		/* calls of mlx5x_mr_invalidate(); see mlx5x_mr_losses() */
	pthread_mutex_t lock;
	pthread_cond_t left;		/* a leaving region is freed or live again */
	LIST_HEAD(, mlx5x_mr_arrival) arrivals;
	struct mlx5x_region_list leaving;
	struct mlx5x_region_list kept;
	struct mlx5x_region_list gone;
	struct mlx5x_mr_usage usage;
	struct ibv_pd *pd;
	LIST_HEAD(, mlx5x_mr_user) users;
};

#endif
