/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * region.h - one range of memory registered with the device: an MR, or several where one cannot
 * hold it all. Knows nothing of who uses it; mr.h has the set and the locks.
 *
 * Creating and ending are system calls that may pin gigabytes: under no lock of ours.
 */
#ifndef MLX5X_REGION_H_
#define MLX5X_REGION_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bsd/sys/queue.h>
#include <bsd/sys/tree.h>
#include <infiniband/verbs.h>

#include "mr/range.h"

/* A part of a region without a key, since its memory went. */
struct mlx5x_hole {
	SLIST_ENTRY(mlx5x_hole) next;
	struct mlx5x_range range;
};

SLIST_HEAD(mlx5x_holes, mlx5x_hole);

struct mlx5x_region {
	/* The table's, under its lock. */
	union {
		RB_ENTRY(mlx5x_region) node;	/* while it is in the set */
		struct {
			LIST_ENTRY(mlx5x_region) next;	/* while it is not */
			struct mlx5x_region *chain;	/* of the thread that ends it */
		};
	};
	uint32_t refs;
	bool implicit;		/* not the application's, but the driver's own */
	size_t reserved;	/* entries that the index had of it; since it is not in the set */
	struct mlx5x_holes holes;
	/* Set when MRs are registered. */
	uint32_t nb_live;	/* MRs that are registered */
	size_t pinned;		/* bytes of their pages; a page of two counts twice, as in VmPin */
	/* Constant. */
	struct mlx5x_range range;
	uint64_t iova;		/* as the caller gave it; verbs address memory by VA */
	uint64_t memory;	/* whose it was when it was mapped, see mr.h; before it is in the set */
	size_t mr_size;		/* bytes of each MR but the last */
	uint32_t nb_mrs;
	struct ibv_mr *mrs[];	/* NULL: deregistered */
};

LIST_HEAD(mlx5x_region_list, mlx5x_region);

/* The range of MR i. */
static inline struct mlx5x_range
mlx5x_region_mr_range(const struct mlx5x_region *region, uint32_t i)
{
	size_t before = i * region->mr_size;
	size_t left = region->range.len - before;

	return (struct mlx5x_range){
		region->range.start + before,
		left < region->mr_size ? left : region->mr_size,
	};
}

/* A run of bytes with one key. Begins as {0}. */
struct mlx5x_region_part {
	uint32_t index;		/* of the MR to look at next */
	struct mlx5x_range range;
	uint32_t lkey;
};

/* mlx5x_region_next_part() of a region with holes. */
bool mlx5x_region_next_between_holes(const struct mlx5x_region *region,
	struct mlx5x_region_part *part);

/* The next run of the region, by address; false if there is none. Holes do not change meanwhile. */
static inline bool
mlx5x_region_next_part(const struct mlx5x_region *region, struct mlx5x_region_part *part)
{
	uint32_t i;

	if (!SLIST_EMPTY(&region->holes))
		return mlx5x_region_next_between_holes(region, part);
	while (part->index < region->nb_mrs) {
		i = part->index++;
		if (region->mrs[i] == NULL)
			continue;
		part->range = mlx5x_region_mr_range(region, i);
		part->lkey = region->mrs[i]->lkey;
		return true;
	}
	return false;
}

/* Runs at most. */
size_t mlx5x_region_max_parts(const struct mlx5x_region *region);

/* From now on a part of the region is a hole, which is the region's own. No queue reads its runs. */
void mlx5x_region_pierce(struct mlx5x_region *region, struct mlx5x_hole *hole);

/* The lkey of the first registered MR; 0: there is none. */
uint32_t mlx5x_region_lkey(const struct mlx5x_region *region);

/*
 * Registers the range by MRs of max_size bytes at most, with one reference. 0; -ENOMEM; -EINVAL: more
 * MRs than can be counted; or the error of a registration, and then nothing is registered.
 */
int mlx5x_region_create(struct ibv_pd *pd, const struct mlx5x_range *range, uint64_t iova,
	size_t max_size, struct mlx5x_region **region);

/* Deregisters all MRs. On error the failing MR stays registered; the preceding ones are deregistered. */
int mlx5x_region_dereg(struct mlx5x_region *region);

/* Registers again the MRs that were deregistered. 0, or -errno of the first failure. */
int mlx5x_region_rereg(struct ibv_pd *pd, struct mlx5x_region *region);

/* Frees a region without registered MRs, and its holes. */
void mlx5x_region_free(struct mlx5x_region *region);

/* Deregisters all MRs, logs what the kernel refuses, and frees the region. */
void mlx5x_region_destroy(struct mlx5x_region *region);

#endif
