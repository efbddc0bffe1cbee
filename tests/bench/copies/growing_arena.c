/* SPDX-License-Identifier: BSD-3-Clause */
/* A piece of an arena, for all devices. What is sent out of it needs no further call. */
#define main growing_arena_main
int growing_arena_main(int argc, char **argv);
#include "../../../examples/growing_arena/growing_arena.c"

#include "copies.h"

static int
grow_and_shrink(size_t bytes)
{
	int ret = arena_grow();

	return ret != 0 ? ret : arena_shrink();
}

int
copies_growing_arena_open(const char *device, struct rte_mempool *pool)
{
	arena = mmap(NULL, PIECES * PIECE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return arena == MAP_FAILED ? -errno : 0;
}

const struct copies_row copies_growing_arena[COPIES_ROWS] = {
	{"growing_arena", PIECE, false, NULL, NULL, grow_and_shrink},
};
