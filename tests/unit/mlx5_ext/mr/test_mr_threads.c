/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Threads that change one table: calls of one while another waits for the device. Run with
 * ThreadSanitizer too (tests/tsan).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mr_fixture.h"

/* A call would wait, or search, for ever. */
#define GIVE_UP 60

static bool
is_set(const bool *flag)
{
	return __atomic_load_n(flag, __ATOMIC_ACQUIRE);
}

static void
set(bool *flag)
{
	__atomic_store_n(flag, true, __ATOMIC_RELEASE);
}

/* Covers a range that overlaps the leaving mapping. */
static pthread_t cover_thread;
static int covered;
static bool done;

static void *
cover_overlap(void *arg)
{
	covered = cover(1500, 1000);
	set(&done);
	return NULL;
}

/*
 * During an unmap: the other thread returns, or waits for this one. It has some time for an error;
 * the correct result does not depend on that time.
 */
static void
let_it_cover(void)
{
	unsigned int i;

	on_deregister = NULL;
	pthread_create(&cover_thread, NULL, cover_overlap, NULL);
	for (i = 0; i < 2000 && !is_set(&done); i++)
		usleep(100);
}

static int
unmap_beside_a_cover(int error)
{
	int ret;

	done = false;
	assert_int_equal(map(1000, 1000), 0);
	on_deregister = let_it_cover;
	dereg_error = error;
	ret = unmap(1000, 1000);
	pthread_join(cover_thread, NULL);
	dereg_error = 0;
	assert_int_equal(covered, 0);
	return ret;
}

static void
cover_beside_an_unmap_covers_all(void **state)
{
	struct mlx5x_mr_usage usage;

	assert_int_equal(unmap_beside_a_cover(0), 0);
	assert_false(has_key(1499));
	assert_true(has_key(1500));
	assert_true(has_key(2499));
	assert_false(has_key(2500));
	mlx5x_mr_get_usage(&table, &usage);
	assert_int_equal(usage.implicit_bytes, 1000);
	assert_int_equal(usage.mapped_bytes, 0);
}

static void
cover_beside_an_unmap_that_fails_covers_the_rest(void **state)
{
	struct mlx5x_mr_usage usage;

	assert_int_equal(unmap_beside_a_cover(-EIO), -EIO);
	assert_true(has_key(1000));
	assert_true(has_key(1999));
	assert_true(has_key(2499));
	assert_false(has_key(2500));
	mlx5x_mr_get_usage(&table, &usage);
	assert_int_equal(usage.mapped_bytes, 1000);
	assert_int_equal(usage.implicit_bytes, 500);
	assert_int_equal(unmap(1000, 1000), 0);
}

/* Many pieces leave, and others fill the index, and make it grow, before they are back. */
#define PIECES 500
#define OTHERS 20000

static void
fill_the_index(void)
{
	unsigned int i;

	on_deregister = NULL;
	for (i = 0; i < OTHERS; i++)
		assert_int_equal(map(100000000 + i * 64ul, 64), 0);
	dereg_error = -EIO;
}

static void
mrs_kept_by_the_kernel_keep_their_places(void **state)
{
	unsigned int i;

	alarm(GIVE_UP);
	assert_int_equal(map(1000, PIECES * (MAX_SIZE - 1)), 0);
	on_deregister = fill_the_index;
	assert_int_equal(unmap(1000, PIECES * (MAX_SIZE - 1)), -EIO);
	dereg_error = 0;
	for (i = 0; i < PIECES; i++)
		assert_true(has_key(1000 + i * (MAX_SIZE - 1)));
	for (i = 0; i < OTHERS; i++)
		assert_true(has_key(100000000 + i * 64ul));
	alarm(0);
}

/* Each thread maps its own ranges, so that all of them make the index grow. */
#define THREADS 4
#define RANGES 5000

static void *
map_some(void *arg)
{
	uintptr_t base = (uintptr_t)arg, i;

	for (i = 0; i < RANGES; i++)
		if (map(base + i * 100, 100) != 0)
			return arg;
	return NULL;
}

static void
run_threads(void *(*function)(void *arg), uintptr_t step)
{
	pthread_t threads[THREADS];
	uintptr_t i;
	void *failed;

	for (i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, function, (void *)((i + 1) * step));
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
}

static void
threads_grow_the_index(void **state)
{
	uintptr_t i, j;

	run_threads(map_some, 10000000);
	for (i = 1; i <= THREADS; i++)
		for (j = 0; j < RANGES; j++)
			assert_true(has_key(i * 10000000 + j * 100 + 99));
}

/* All threads, all operations, one small space; and a queue that looks up lkeys. */
#define ROUNDS 20000
#define SPACE 4096u

static bool finished;

static void
change(unsigned int kind, uintptr_t start, size_t len)
{
	switch (kind % 7) {
	case 0: case 1:
		map(start, len);
		break;
	case 2: case 3:
		unmap(start, len);
		break;
	case 4:
		cover(start, len);
		break;
	case 5:
		cover_whole(start, len);
		break;
	default:
		if (start % 128 == 0)
			forget(start, len);
		else
			retire(start, len);
	}
}

static void *
change_all(void *arg)
{
	unsigned int seed = (uintptr_t)arg, i;
	uintptr_t start;

	for (i = 0; i < ROUNDS; i++) {
		start = rand_r(&seed) % (SPACE / 32) * 32;
		change(rand_r(&seed) / 8, start, 32 * (1 + rand_r(&seed) / 8 % 8));
	}
	return NULL;
}

/* As a burst does. A region that it finds contains the range, and may be released afterwards. */
static void *
burst(void *arg)
{
	uintptr_t wrong = 0, addr;
	uint32_t lkey;
	size_t n;

	while (!is_set(&finished)) {
		if (!mlx5x_gate_enter(&queue.user.gate))
			continue;
		for (addr = 0; addr < SPACE; addr += 96) {
			n = mlx5x_mr_cache_find(&queue.user.cache, &table.index, addr, &lkey);
			wrong += n > MAX_SIZE || (n != 0 && lkey == 0);
		}
		mlx5x_gate_leave(&queue.user.gate);
	}
	return (void *)wrong;
}

static void
unmap_everything(void)
{
	struct mlx5x_mr_info info;

	forget(0, 2 * SPACE);
	/* Mappings wait for their unmap. */
	assert_int_equal(mlx5x_mr_list(&table, &info, 1), 0);
}

static void
threads_leave_nothing_behind(void **state)
{
	struct mlx5x_mr_usage usage;
	pthread_t reader;
	void *wrong;

	finished = false;
	pthread_create(&reader, NULL, burst, NULL);
	run_threads(change_all, 1);
	set(&finished);
	pthread_join(reader, &wrong);
	assert_null(wrong);
	unmap_everything();
	mlx5x_mr_get_usage(&table, &usage);
	assert_int_equal(usage.mapped_bytes, 0);
	assert_int_equal(usage.implicit_bytes, 0);
	assert_int_equal(usage.device_mrs, 0);
	assert_int_equal(usage.pinned_bytes, 0);
	assert_int_equal(live, 0);
	assert_int_equal(table.index.nb_blocks, 0);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(cover_beside_an_unmap_covers_all),
		CASE(cover_beside_an_unmap_that_fails_covers_the_rest),
		CASE(mrs_kept_by_the_kernel_keep_their_places),
		CASE(threads_grow_the_index),
		CASE(threads_leave_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
