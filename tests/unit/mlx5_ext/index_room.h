/* SPDX-License-Identifier: BSD-3-Clause */
/* index_room.h - room in an index that no other thread uses. */
#ifndef INDEX_ROOM_H_
#define INDEX_ROOM_H_

#include <stdlib.h>

#include <cmocka.h>

#include "mr/mr_index.h"

/* For n ranges in the len bytes at start. */
static inline void
index_make_room(struct mlx5x_mr_index *index, uintptr_t start, size_t len, size_t n)
{
	struct mlx5x_mr_index_need need = mlx5x_mr_index_need(start, len, n);
	struct mlx5x_mr_index_sizes sizes;

	if (!mlx5x_mr_index_has_room(index, &need)) {
		sizes = mlx5x_mr_index_size(index, &need);
		free(mlx5x_mr_index_replace(index, mlx5x_mr_index_alloc(&sizes)));
	}
	assert_true(mlx5x_mr_index_has_room(index, &need));
}

#endif
