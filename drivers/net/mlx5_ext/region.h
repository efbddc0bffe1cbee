/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * region.h - one range of memory registered with the device: an MR, or several where one cannot
 * hold it all. Knows nothing of who uses it; mr.h has the sets and the locks.
 *
 * Creating and ending are system calls that may pin gigabytes: under no lock of ours.
 */
#ifndef MLX5X_REGION_H_
#define MLX5X_REGION_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bsd/sys/tree.h>
#include <infiniband/verbs.h>

struct mlx5x_range {
	uintptr_t start;
	size_t len;
};

/* True if any of the len bytes at start are in the range. Never wraps. */
static inline bool
mlx5x_range_touches(const struct mlx5x_range *range, uintptr_t start, size_t len)
{
	return start >= range->start ? start - range->start < range->len :
		range->start - start < len;
}

struct mlx5x_region {
	/* The set's, under its lock. */
	RB_ENTRY(mlx5x_region) node;
	uint32_t refs;
	bool implied;		/* which set it is in */
	bool leaving;		/* its last reference ended, its keys are withdrawn */
	/* Constant. */
	struct mlx5x_range range;
	uint64_t iova;		/* as the caller gave it; verbs address memory by VA */
	size_t piece_size;	/* of each but the last */
	uint32_t nb_pieces;
	struct ibv_mr *pieces[];	/* NULL: ended */
};

/* Bytes [start, start + len) of piece i. */
static inline struct mlx5x_range
mlx5x_region_piece(const struct mlx5x_region *region, uint32_t i)
{
	size_t before = i * region->piece_size;
	size_t left = region->range.len - before;

	return (struct mlx5x_range){
		region->range.start + before,
		left < region->piece_size ? left : region->piece_size,
	};
}

/*
 * Registers the range in pieces of max_size bytes at most, with one reference. 0; -ENOMEM; or the
 * error of a registration, and nothing is left of it.
 */
int mlx5x_region_create(struct ibv_pd *pd, const struct mlx5x_range *range, uint64_t iova,
	size_t max_size, struct mlx5x_region **region);

/* Bytes of all pages that its pieces lie on; a page of two pieces counts twice, as in VmPin. */
size_t mlx5x_region_pinned(const struct mlx5x_region *region);

/* Ends all pieces. An error of the kernel, which keeps one: those before it are ended. */
int mlx5x_region_end(struct mlx5x_region *region);

/* Makes the pieces that were ended anew. 0 or -errno of the first that failed. */
int mlx5x_region_renew(struct ibv_pd *pd, struct mlx5x_region *region);

/* Ends what is there, logs what the kernel keeps, and frees it. */
void mlx5x_region_destroy(struct mlx5x_region *region);

#endif
