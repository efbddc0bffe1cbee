/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mr_set.h - regions that do not overlap, ordered by address: a red-black tree. The owner locks it.
 */
#ifndef MLX5X_MR_SET_H_
#define MLX5X_MR_SET_H_

#include "mr/region.h"

RB_HEAD(mlx5x_mr_set, mlx5x_region);

void mlx5x_mr_set_init(struct mlx5x_mr_set *set);

/* The region must not overlap another one in the set: this is not checked. */
void mlx5x_mr_set_insert(struct mlx5x_mr_set *set, struct mlx5x_region *region);
void mlx5x_mr_set_remove(struct mlx5x_mr_set *set, struct mlx5x_region *region);

/* The region with the lowest address that overlaps the range, or NULL. */
struct mlx5x_region *mlx5x_mr_set_first(struct mlx5x_mr_set *set, const struct mlx5x_range *range);

/* The region after this one, or the first one if region is NULL; NULL at the end. */
struct mlx5x_region *mlx5x_mr_set_next(struct mlx5x_mr_set *set, struct mlx5x_region *region);

#endif
