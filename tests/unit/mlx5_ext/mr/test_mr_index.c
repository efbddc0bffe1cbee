/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mr/mr_index.h"

static struct mlx5x_mr_index tested;

static int
set_up(void **state)
{
	srandom(7);
	return mlx5x_mr_index_init(&tested);
}

static int
tear_down(void **state)
{
	mlx5x_mr_index_fini(&tested);
	return 0;
}

/* One owner for each lkey. */
static void *
owner_of(uint32_t lkey)
{
	return (void *)(uintptr_t)lkey;
}

static void
insert(uintptr_t start, size_t len, uint32_t lkey)
{
	if (!mlx5x_mr_index_has_room(&tested, 1))
		free(mlx5x_mr_index_replace(&tested, mlx5x_mr_index_alloc(
			mlx5x_mr_index_bits(&tested, 1))));
	assert_true(mlx5x_mr_index_has_room(&tested, 1));
	mlx5x_mr_index_insert(&tested, start, len, lkey, owner_of(lkey));
}

static uint32_t
lkey_at(uintptr_t addr)
{
	const struct mlx5x_mr_entry *entry = mlx5x_mr_index_find(&tested, addr);

	return entry != NULL ? entry->lkey : 0;
}

static void
every_size_is_found_completely(void **state)
{
	const uintptr_t base = UINT64_C(1) << 62;
	unsigned int shift;
	size_t len, odd;

	for (shift = 0; shift < 61; shift++) {
		for (odd = 0; odd < 3; odd++) {
			len = ((size_t)1 << shift) + odd * 77;
			insert(base + odd, len, 1);
			assert_int_equal(lkey_at(base + odd - 1), 0);
			assert_int_equal(lkey_at(base + odd), 1);
			assert_int_equal(lkey_at(base + odd + len / 2), 1);
			assert_int_equal(lkey_at(base + odd + len - 1), 1);
			assert_int_equal(lkey_at(base + odd + len), 0);
			mlx5x_mr_index_remove(&tested, base + odd, len, owner_of(1));
			assert_int_equal(lkey_at(base + odd), 0);
			assert_int_equal(tested.table->used, 0);
		}
	}
}

static void
both_ends_of_memory(void **state)
{
	insert(0, 64, 1);
	insert(UINTPTR_MAX - 9999, 10000, 2);
	assert_int_equal(lkey_at(0), 1);
	assert_int_equal(lkey_at(64), 0);
	assert_int_equal(lkey_at(UINTPTR_MAX), 2);
	assert_int_equal(lkey_at(UINTPTR_MAX - 10000), 0);
}

static void
overlapping_ranges_return_either_key(void **state)
{
	insert(1000, 5000, 1);
	insert(1000, 5000, 2);
	insert(3000, 100000, 3);
	assert_int_not_equal(lkey_at(3500), 0);
	mlx5x_mr_index_remove(&tested, 1000, 5000, owner_of(2));
	assert_int_equal(lkey_at(1500), 1);
	mlx5x_mr_index_remove(&tested, 3000, 100000, owner_of(3));
	assert_int_equal(lkey_at(3500), 1);
	assert_int_equal(lkey_at(50000), 0);
}

static void
reserved_room_is_not_used_by_others(void **state)
{
	size_t n = 0, i, entries = 0;

	while (mlx5x_mr_index_has_room(&tested, 1)) {
		n++;
		insert(n * 4096, 4096, n);
	}
	for (i = 1; i <= MLX5X_MR_INDEX_SPREAD; i++)
		entries += mlx5x_mr_index_remove(&tested, i * 4096, 4096, owner_of(i));
	assert_true(mlx5x_mr_index_has_room(&tested, 1));
	mlx5x_mr_index_reserve(&tested, entries);
	assert_false(mlx5x_mr_index_has_room(&tested, 1));
	/* A larger table contains it too. */
	assert_true(((size_t)1 << mlx5x_mr_index_bits(&tested, 100)) / 8 * 5 >=
		tested.table->used + entries + 100 * MLX5X_MR_INDEX_SPREAD);
	mlx5x_mr_index_unreserve(&tested, entries);
	assert_true(mlx5x_mr_index_has_room(&tested, 1));
}

/* The oracle: an array of ranges at fixed places, each present or not. */
#define PLACES 2000
#define ROUNDS 400000

static struct place {
	uintptr_t start;
	size_t len;
	uint32_t lkey;	/* 0: absent */
} places[PLACES];

static void
lay_out_places(void)
{
	uintptr_t at = 4096;
	unsigned int i;

	for (i = 0; i < PLACES; i++) {
		places[i].len = 1 + random() % ((size_t)1 << (1 + random() % 24));
		places[i].start = at + random() % 100;
		places[i].lkey = 0;
		at = places[i].start + places[i].len;
	}
}

static void
random_operations_agree_with_the_oracle(void **state)
{
	struct place *place;
	unsigned int round;
	uint32_t lkey = 0;

	lay_out_places();
	for (round = 0; round < ROUNDS; round++) {
		place = &places[random() % PLACES];
		switch (random() % 4) {
		case 0:
			if (place->lkey == 0) {
				place->lkey = ++lkey;
				insert(place->start, place->len, place->lkey);
			}
			break;
		case 1:
			if (place->lkey != 0)
				mlx5x_mr_index_remove(&tested, place->start, place->len,
					owner_of(place->lkey));
			place->lkey = 0;
			break;
		default:
			assert_int_equal(lkey_at(place->start + random() % place->len),
				place->lkey);
		}
	}
}

/* Readers while the writer inserts: ranges inserted before are always found. */
#define READERS 3

static bool finished;

static void *
read_known(void *arg)
{
	uintptr_t wrong = 0;
	unsigned int i;

	while (!__atomic_load_n(&finished, __ATOMIC_RELAXED))
		for (i = 0; i < 100; i++)
			wrong += lkey_at(i * 65536ul + 100) != i + 1;
	return (void *)wrong;
}

static void
readers_always_find_existing_ranges(void **state)
{
	pthread_t readers[READERS];
	unsigned int i;
	void *wrong;

	free(mlx5x_mr_index_replace(&tested,
		mlx5x_mr_index_alloc(mlx5x_mr_index_bits(&tested, 20000))));
	for (i = 0; i < 100; i++)
		insert(i * 65536ul, 65536, i + 1);
	for (i = 0; i < READERS; i++)
		pthread_create(&readers[i], NULL, read_known, NULL);
	for (i = 100; i < 20000; i++)
		mlx5x_mr_index_insert(&tested, i * 65536ul, 4096 << (i % 5), i + 1, NULL);
	__atomic_store_n(&finished, true, __ATOMIC_RELAXED);
	for (i = 0; i < READERS; i++) {
		pthread_join(readers[i], &wrong);
		assert_null(wrong);
	}
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_size_is_found_completely),
		CASE(both_ends_of_memory),
		CASE(overlapping_ranges_return_either_key),
		CASE(reserved_room_is_not_used_by_others),
		CASE(random_operations_agree_with_the_oracle),
		CASE(readers_always_find_existing_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
