/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mr_set.h - regions that do not overlap, in the order of their addresses. No locks: the owner's.
 */
#ifndef MLX5X_MR_SET_H_
#define MLX5X_MR_SET_H_

#include "mr/region.h"

RB_HEAD(mlx5x_mr_set, mlx5x_region);

void mlx5x_mr_set_init(struct mlx5x_mr_set *set);

/* Nothing in the set touches the region. */
void mlx5x_mr_set_insert(struct mlx5x_mr_set *set, struct mlx5x_region *region);
void mlx5x_mr_set_remove(struct mlx5x_mr_set *set, struct mlx5x_region *region);

/* The region with the lowest address that touches the range, or NULL. */
struct mlx5x_region *mlx5x_mr_set_first(struct mlx5x_mr_set *set, const struct mlx5x_range *range);

/* The region after this one, or, after NULL, the first one of all; NULL at the end. */
struct mlx5x_region *mlx5x_mr_set_next(struct mlx5x_mr_set *set, struct mlx5x_region *region);

#endif
