/* SPDX-License-Identifier: BSD-3-Clause */
/* mr_index_fixture.h - an index, with an owner for each lkey. For one test program. */
#ifndef MR_INDEX_FIXTURE_H_
#define MR_INDEX_FIXTURE_H_

#include <stdlib.h>

#include <cmocka.h>

#include "index_room.h"
#include "mr/mr_index.h"

#define PAGE ((uintptr_t)1 << MLX5X_MR_INDEX_PAGE)
#define CHUNK ((uintptr_t)1 << MLX5X_MR_INDEX_CHUNK)
#define BLOCK ((uintptr_t)1 << MLX5X_MR_INDEX_BLOCK)

static struct mlx5x_mr_index tested;

static inline int
set_up(void **state)
{
	srandom(7);
	return mlx5x_mr_index_init(&tested);
}

/* All cells are back in the lists, the keys of blocks aside. */
static inline void
assert_empty(void)
{
	const uint32_t entries = sizeof(struct mlx5x_mr_node) / sizeof(struct mlx5x_mr_entry);

	mlx5x_mr_index_reclaim(&tested);
	assert_int_equal(tested.nb_blocks, 0);
	assert_int_equal(tested.entries.nb_free % entries, 0);
	assert_int_equal(tested.nodes.nb_free + tested.entries.nb_free / entries, tested.nb_cells);
}

static inline int
tear_down(void **state)
{
	mlx5x_mr_index_fini(&tested);
	return 0;
}

/* One owner for each lkey. */
static inline void *
owner_of(uint32_t lkey)
{
	return (void *)(uintptr_t)lkey;
}

static inline void
make_room(uintptr_t start, size_t len, size_t n)
{
	index_make_room(&tested, start, len, n);
}

static inline void
insert(uintptr_t start, size_t len, uint32_t lkey)
{
	make_room(start, len, 1);
	mlx5x_mr_index_insert(&tested, start, len, lkey, owner_of(lkey));
}

static inline void
drop(uintptr_t start, size_t len)
{
	mlx5x_mr_index_hide(&tested, start);
	mlx5x_mr_index_remove(&tested, start, len);
}

static inline uint32_t
lkey_at(uintptr_t addr)
{
	const struct mlx5x_mr_entry *entry = mlx5x_mr_index_find(&tested, addr);

	assert_ptr_equal(entry, mlx5x_mr_index_search(tested.table, addr));
	if (entry == NULL)
		return 0;
	assert_true(addr - entry->start < entry->len);
	assert_ptr_equal(entry->owner, owner_of(entry->lkey));
	return entry->lkey;
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

#endif
