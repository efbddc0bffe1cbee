/* SPDX-License-Identifier: BSD-3-Clause */
/* empty_index.h - an empty index, so that each look-up calls the test's mlx5x_mr_index_search(). */
#ifndef EMPTY_INDEX_H_
#define EMPTY_INDEX_H_

#include "mr/mr_index.h"

static uint32_t empty_blocks[2];
static struct mlx5x_mr_index_table empty_index = {.blocks = empty_blocks, .shift = 31};

#endif
