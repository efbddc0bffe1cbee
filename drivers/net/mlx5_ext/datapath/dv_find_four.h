/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dv_find_four.h - look-up of four addresses at a time in the index, by the gathers of AVX2: for
 * packets out of several regions, one look-up each, in a quarter of the instructions.
 */
#ifndef MLX5X_DV_FIND_FOUR_H_
#define MLX5X_DV_FIND_FOUR_H_

#include <stdbool.h>
#include <stdint.h>

#include "mr/mr_index.h"

/* Four regions. */
struct mlx5x_found_four {
	uint64_t start[4];
	uint64_t len[4];
	uint64_t lkey[4];
} __attribute__((aligned(32)));

/*
 * Reader, as mlx5x_mr_index_find(): the regions in which the buffers lie, of less than 2 GiB each.
 * False if one lies in none, or in more than one; or if a region shares its line of 64 bytes with
 * another one, which mlx5x_mr_index_find() finds. The processor has AVX2.
 */
bool mlx5x_find_four(const struct mlx5x_mr_index *index, const uint64_t addrs[4],
	const uint64_t lens[4], struct mlx5x_found_four *found);

#endif
