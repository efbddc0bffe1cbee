/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mr_index_fixture.h"

/* Its ends, its middle, and the bytes before and behind it. */
static void
assert_found(uintptr_t start, size_t len, uint32_t lkey)
{
	assert_int_equal(lkey_at(start - 1), 0);
	assert_int_equal(lkey_at(start), lkey);
	assert_int_equal(lkey_at(start + len / 2), lkey);
	assert_int_equal(lkey_at(start + len - 1), lkey);
	assert_int_equal(lkey_at(start + len), 0);
}

static void
every_size_is_found_completely(void **state)
{
	const uintptr_t base = UINT64_C(1) << 46;
	unsigned int shift;
	size_t len, odd;

	/* To 1 TiB. */
	for (shift = 0; shift <= 40; shift++) {
		for (odd = 0; odd < 3; odd++) {
			len = ((size_t)1 << shift) + odd * 77;
			insert(base + odd, len, 1);
			assert_found(base + odd, len, 1);
			drop(base + odd, len);
			assert_found(base + odd, len, 0);
			assert_empty();
		}
	}
}

static void
both_ends_of_memory(void **state)
{
	insert(0, 64, 1);
	insert(UINTPTR_MAX - 9999, 10000, 2);
	insert(UINTPTR_MAX - 3 * BLOCK + 1, BLOCK, 3);
	assert_int_equal(lkey_at(0), 1);
	assert_int_equal(lkey_at(64), 0);
	assert_int_equal(lkey_at(UINTPTR_MAX), 2);
	assert_int_equal(lkey_at(UINTPTR_MAX - 10000), 0);
	assert_int_equal(lkey_at(UINTPTR_MAX - 2 * BLOCK), 3);
	drop(0, 64);
	drop(UINTPTR_MAX - 9999, 10000);
	drop(UINTPTR_MAX - 3 * BLOCK + 1, BLOCK);
	assert_empty();
}

/* Each byte of a page is a range. */
static void
ranges_of_a_byte_share_a_page(void **state)
{
	unsigned int i;

	for (i = 0; i < PAGE; i++)
		insert(7 * PAGE + i, 1, i + 1);
	for (i = 0; i < PAGE; i++)
		assert_int_equal(lkey_at(7 * PAGE + i), i + 1);
	for (i = 1; i < PAGE; i += 2)
		drop(7 * PAGE + i, 1);
	for (i = 0; i < PAGE; i++)
		assert_int_equal(lkey_at(7 * PAGE + i), i % 2 == 0 ? i + 1 : 0);
	for (i = 0; i < PAGE; i += 2)
		drop(7 * PAGE + i, 1);
	assert_empty();
}

/* The fast path alone finds a range again that had to share its page. */
static void
the_last_range_of_a_page_has_it_alone(void **state)
{
	uint32_t node;

	insert(PAGE + 100, 200, 1);
	insert(PAGE + 300, 10000, 2);
	insert(PAGE + 50, 50, 3);
	drop(PAGE + 100, 200);
	drop(PAGE + 50, 50);
	node = mlx5x_mr_index_slot(tested.table, tested.table->blocks[0], PAGE,
		MLX5X_MR_INDEX_CHUNK);
	assert_int_equal(mlx5x_mr_index_entry(tested.table, mlx5x_mr_index_slot(tested.table, node,
		PAGE, MLX5X_MR_INDEX_PAGE))->lkey, 2);
	drop(PAGE + 300, 10000);
	assert_empty();
}

/* Others share its pages, and the index grows, while it is hidden. */
static void
a_hidden_range_keeps_its_place(void **state)
{
	const uintptr_t start = 100 * BLOCK - 1000;
	const size_t len = 2 * BLOCK + 2000;
	unsigned int i;

	insert(start, len, 1);
	mlx5x_mr_index_hide(&tested, start);
	mlx5x_mr_index_hide(&tested, start);
	assert_found(start, len, 0);
	insert(start - 1, 1, 2);
	insert(start + len, 500, 3);
	for (i = 0; i < 1000; i++)
		insert(i * 3 * CHUNK + PAGE, PAGE, 4);
	assert_int_equal(lkey_at(start), 0);
	mlx5x_mr_index_show(&tested, start, 9, owner_of(9));
	assert_int_equal(lkey_at(start - 1), 2);
	assert_int_equal(lkey_at(start), 9);
	assert_int_equal(lkey_at(start + len - 1), 9);
	assert_int_equal(lkey_at(start + len), 3);
	drop(start, len);
	drop(start - 1, 1);
	drop(start + len, 500);
	for (i = 0; i < 1000; i++)
		drop(i * 3 * CHUNK + PAGE, PAGE);
	assert_empty();
}

/* Readers may be where a range was removed, until the index is told that they are not. */
static void
removed_cells_are_used_after_a_reclaim(void **state)
{
	struct mlx5x_mr_index_list nodes;

	insert(BLOCK, PAGE, 1);
	drop(BLOCK, PAGE);
	nodes = tested.nodes;
	assert_int_equal(nodes.nb_removed, 2);
	insert(BLOCK, PAGE, 2);
	assert_int_equal(tested.nodes.nb_removed, 2);
	drop(BLOCK, PAGE);
	assert_int_equal(tested.nodes.nb_removed, 4);
	mlx5x_mr_index_reclaim(&tested);
	assert_int_equal(tested.nodes.nb_removed, 0);
	assert_int_equal(tested.nodes.nb_free, nodes.nb_free + 4);
	assert_empty();
}

/* Mappings that come and go at ever new addresses. */
static void
keys_of_former_blocks_do_not_add_up(void **state)
{
	unsigned int i;

	for (i = 0; i < 100000; i++) {
		insert(i * 3 * BLOCK, PAGE, 1);
		drop(i * 3 * BLOCK, PAGE);
		mlx5x_mr_index_reclaim(&tested);
	}
	assert_empty();
	assert_true(tested.table->nb_cells < 100);
	assert_true(tested.table->shift >= 32 - 8);
}

static void
huge_needs_are_refused(void **state)
{
	const size_t lens[] = {UINT64_C(1) << 60, SIZE_MAX};
	struct mlx5x_mr_index_need need;
	struct mlx5x_mr_index_sizes sizes;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		need = mlx5x_mr_index_need(1, lens[i], 1);
		assert_false(mlx5x_mr_index_has_room(&tested, &need));
		sizes = mlx5x_mr_index_size(&tested, &need);
		assert_null(mlx5x_mr_index_alloc(&sizes));
	}
	need = (struct mlx5x_mr_index_need){.ranges = UINT64_C(1) << 24};
	assert_false(mlx5x_mr_index_has_room(&tested, &need));
	sizes = mlx5x_mr_index_size(&tested, &need);
	assert_null(mlx5x_mr_index_alloc(&sizes));
}

/* A table that was made for an index that has grown meanwhile. */
static void
an_outgrown_table_is_returned(void **state)
{
	struct mlx5x_mr_index_need need = mlx5x_mr_index_need(0, PAGE, 10);
	struct mlx5x_mr_index_sizes sizes = mlx5x_mr_index_size(&tested, &need);
	struct mlx5x_mr_index_table *small = mlx5x_mr_index_alloc(&sizes);

	make_room(0, 1000 * BLOCK, 1000);
	assert_ptr_equal(mlx5x_mr_index_replace(&tested, small), small);
	free(small);
}

/*
 * Readers while the writer inserts, shows and removes: ranges that were there before are always
 * found, whole; others with their own lkey, or not at all.
 */
#define READERS 3
#define KNOWN 100u
#define OTHERS 20000u

static bool finished;

/* Of the known ones, 1 to KNOWN, adjacent; and those between two pages of each, of several sizes. */
static uintptr_t
start_of(uint32_t lkey)
{
	return lkey <= KNOWN ? lkey * 65536ul + 100 : (KNOWN + 1 + lkey) * 65536ul + 3;
}

static size_t
size_of(uint32_t lkey)
{
	return lkey <= KNOWN ? 65536 : (size_t)16 << lkey % 13;
}

static bool
is_wrong(uint32_t lkey)
{
	uintptr_t addr = start_of(lkey) + size_of(lkey) / 3;
	const struct mlx5x_mr_entry *entry = mlx5x_mr_index_find(&tested, addr);

	if (entry == NULL)
		return lkey <= KNOWN;
	return entry->start != start_of(lkey) || entry->len != size_of(lkey) || entry->lkey != lkey;
}

static void *
read_all(void *arg)
{
	uintptr_t wrong = 0;
	uint32_t i, lkey = 1;

	while (!__atomic_load_n(&finished, __ATOMIC_RELAXED)) {
		for (i = 1; i <= KNOWN; i++)
			wrong += is_wrong(i);
		for (i = 0; i < 100; i++, lkey = 1 + (lkey + 7919) % OTHERS)
			wrong += is_wrong(lkey);
	}
	return (void *)wrong;
}

static void
insert_other(uint32_t lkey)
{
	mlx5x_mr_index_insert(&tested, start_of(lkey), size_of(lkey), lkey, owner_of(lkey));
}

static void
readers_always_find_existing_ranges(void **state)
{
	pthread_t readers[READERS];
	uint32_t i;
	void *wrong;

	make_room(0, start_of(OTHERS) + 65536, 2 * OTHERS);
	for (i = 1; i <= KNOWN; i++)
		insert_other(i);
	/* Hidden before there are readers: each second of them is shown, the rest removed. */
	for (i = KNOWN + 1; i <= OTHERS / 2; i++) {
		insert_other(i);
		mlx5x_mr_index_hide(&tested, start_of(i));
	}
	finished = false;
	for (i = 0; i < READERS; i++)
		pthread_create(&readers[i], NULL, read_all, NULL);
	for (i = OTHERS / 2 + 1; i <= OTHERS; i++) {
		insert_other(i);
		if (i - OTHERS / 2 <= KNOWN)
			continue;
		if (i % 2 == 0)
			mlx5x_mr_index_remove(&tested, start_of(i - OTHERS / 2),
				size_of(i - OTHERS / 2));
		else
			mlx5x_mr_index_show(&tested, start_of(i - OTHERS / 2), i - OTHERS / 2,
				owner_of(i - OTHERS / 2));
	}
	__atomic_store_n(&finished, true, __ATOMIC_RELAXED);
	for (i = 0; i < READERS; i++) {
		pthread_join(readers[i], &wrong);
		assert_null(wrong);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_size_is_found_completely),
		CASE(both_ends_of_memory),
		CASE(ranges_of_a_byte_share_a_page),
		CASE(the_last_range_of_a_page_has_it_alone),
		CASE(a_hidden_range_keeps_its_place),
		CASE(removed_cells_are_used_after_a_reclaim),
		CASE(keys_of_former_blocks_do_not_add_up),
		CASE(huge_needs_are_refused),
		CASE(an_outgrown_table_is_returned),
		CASE(readers_always_find_existing_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
