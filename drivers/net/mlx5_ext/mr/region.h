/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * region.h - one range of memory registered with the device: by one MR, or by several if it exceeds
 * the device's limit. Independent of the users of the memory; mr.h has the set and the locks.
 *
 * Registration and deregistration are system calls that may pin gigabytes: no lock of the driver
 * may be held.
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

/* A part of a region without an lkey, as its memory was freed. */
struct mlx5x_hole {
	SLIST_ENTRY(mlx5x_hole) next;
	struct mlx5x_range range;
};

SLIST_HEAD(mlx5x_holes, mlx5x_hole);

/* What the memory of a region is, as bits. None: the process's own, to be read and written. */
enum mlx5x_kind {
	MLX5X_TO_READ = 1 << 0,		/* the device only reads it */
	MLX5X_OF_DMABUF = 1 << 1,	/* not what is at its addresses: a dma-buf, from offset */
};

/* NULL: of no kind. */
struct mlx5x_source {
	unsigned int kind;
	int fd;
	uint64_t offset;
};

static inline unsigned int
mlx5x_source_kind(const struct mlx5x_source *source)
{
	return source == NULL ? 0 : source->kind;
}

/*
 * How a range is cut into MRs: as few as the device allows, unless it is long enough to register
 * it by several threads.
 */
struct mlx5x_cut {
	size_t max_size;	/* bytes of an MR at most */
	uint8_t threads;	/* 0 or 1: the calling one alone */
};

/* Bytes from which on a range is cut for several threads. */
#define MLX5X_CUT_FROM (UINT64_C(1) << 30)

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
	bool implicit;		/* the driver's own, not mapped by the application */
	uint8_t kind;		/* constant: of enum mlx5x_kind */
	struct mlx5x_holes holes;
	/* Constant. */
	struct mlx5x_range range;
	uint64_t iova;		/* the caller's; verbs address memory by VA */
	uint64_t memory;	/* of mlx5x_mr_map(); set before it is in the set */
	size_t mr_size;		/* bytes of each MR but the last */
	uint32_t nb_mrs;
	struct ibv_mr *mrs[];	/* NULL: deregistered */
};

LIST_HEAD(mlx5x_region_list, mlx5x_region);

/* All of a region with one MR. NULL does no harm. */
static inline void
mlx5x_region_prefetch(const struct mlx5x_region *region)
{
	__builtin_prefetch(region, 1);
	__builtin_prefetch((const void *)((uintptr_t)region + 64), 1);
}

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

/* Iterator over the runs of a region, each of one MR. Starts as {0}. */
struct mlx5x_region_part {
	uint32_t index;		/* of the next MR */
	struct mlx5x_range range;
	const struct ibv_mr *mr;	/* NULL: deregistered */
};

/* mlx5x_region_next_part() of a region with holes. */
bool mlx5x_region_next_between_holes(const struct mlx5x_region *region,
	struct mlx5x_region_part *part);

/* The next run by address; false at the end. Holes must not change during the iteration. */
static inline bool
mlx5x_region_next_part(const struct mlx5x_region *region, struct mlx5x_region_part *part)
{
	uint32_t i;

	if (!SLIST_EMPTY(&region->holes))
		return mlx5x_region_next_between_holes(region, part);
	if (part->index == region->nb_mrs)
		return false;
	i = part->index++;
	part->range = mlx5x_region_mr_range(region, i);
	part->mr = region->mrs[i];
	return true;
}

struct mlx5x_region_use {
	uint32_t nb_live;	/* MRs that are registered */
	size_t pinned;		/* bytes of their pages, as VmPin counts them: a page of two MRs
				   twice, those of a dma-buf not at all */
};

/* At the time of the call: a region of thousands does not keep it. */
struct mlx5x_region_use mlx5x_region_use(const struct mlx5x_region *region);

/* Upper bound of the number of runs. */
size_t mlx5x_region_max_parts(const struct mlx5x_region *region);

/* Makes a part of the region a hole, and owns *hole from now on. Only while it is not linked. */
void mlx5x_region_pierce(struct mlx5x_region *region, struct mlx5x_hole *hole);

/* The lkey of the first registered MR; 0: there is none. */
uint32_t mlx5x_region_lkey(const struct mlx5x_region *region);

/*
 * Registers the range with MRs as cut says, with one reference. source: or NULL; its fd can be
 * closed after the call. 0; -ENOMEM; -EINVAL: more than 2^24 MRs; or -errno of a registration. On
 * error nothing is registered.
 */
int mlx5x_region_create(struct ibv_pd *pd, const struct mlx5x_range *range, uint64_t iova,
	const struct mlx5x_cut *cut, const struct mlx5x_source *source,
	struct mlx5x_region **region);

/*
 * Deregisters all MRs, in order. 0 or -errno: the MR that failed and those after it stay
 * registered, the preceding ones are deregistered.
 */
int mlx5x_region_dereg(struct mlx5x_region *region);

/*
 * Registers the deregistered MRs again. 0, or -errno of the first failure: that MR and those that
 * had not begun by then stay deregistered. -EBADF for those of a dma-buf, which only its fd could
 * name.
 */
int mlx5x_region_rereg(struct ibv_pd *pd, const struct mlx5x_cut *cut,
	struct mlx5x_region *region);

/* Frees a region without registered MRs, and its holes. */
void mlx5x_region_free(struct mlx5x_region *region);

/* Deregisters all MRs, logging a failure, and frees the region. */
void mlx5x_region_destroy(struct mlx5x_region *region);

#endif
