/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <time.h>

#include <cmocka.h>

#include "common/repeat.h"

#define THREADS 4
#define CALLS 100000u

/* Replaces libc's: milliseconds pass when the test says so. */
static uint64_t milliseconds;

int
clock_gettime(clockid_t clock, struct timespec *time)
{
	uint64_t now = __atomic_load_n(&milliseconds, __ATOMIC_RELAXED);

	time->tv_sec = now / 1000;
	time->tv_nsec = now % 1000 * 1000000;
	return 0;
}

static int
set_up(void **state)
{
	milliseconds = 5000;
	return 0;
}

static void
the_first_line_is_written_at_once(void **state)
{
	struct mlx5x_repeat repeat = {0};
	uint64_t skipped = 7;

	assert_true(mlx5x_repeat_is_due(&repeat, &skipped));
	assert_int_equal(skipped, 0);
}

static void
a_loop_writes_one_line_a_second(void **state)
{
	struct mlx5x_repeat repeat = {0};
	uint64_t skipped, lines = 0;
	unsigned int i;

	for (i = 0; i < 3000; i++, milliseconds++) {
		if (!mlx5x_repeat_is_due(&repeat, &skipped))
			continue;
		assert_int_equal(skipped, lines == 0 ? 0 : 999);
		lines++;
	}
	assert_int_equal(lines, 3);
}

static void
after_a_pause_suppressed_lines_are_counted(void **state)
{
	struct mlx5x_repeat repeat = {0};
	uint64_t skipped;
	unsigned int i;

	for (i = 0; i < 6; i++)
		assert_int_equal(mlx5x_repeat_is_due(&repeat, &skipped), i == 0);
	milliseconds += 3600000;
	assert_true(mlx5x_repeat_is_due(&repeat, &skipped));
	assert_int_equal(skipped, 5);
	milliseconds += 1000;
	assert_true(mlx5x_repeat_is_due(&repeat, &skipped));
	assert_int_equal(skipped, 0);
}

static struct mlx5x_repeat shared;
static uint64_t told;

static void *
loop(void *arg)
{
	uint64_t skipped;
	unsigned int i;

	for (i = 0; i < CALLS; i++) {
		if (i % 1000 == 0)
			__atomic_fetch_add(&milliseconds, 500, __ATOMIC_RELAXED);
		if (mlx5x_repeat_is_due(&shared, &skipped))
			__atomic_fetch_add(&told, 1 + skipped, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Each call has a line, or is counted in one. */
static void
threads_lose_no_count(void **state)
{
	pthread_t threads[THREADS];
	int i;

	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, loop, NULL), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(told + shared.skipped, THREADS * CALLS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_first_line_is_written_at_once, set_up),
		cmocka_unit_test_setup(a_loop_writes_one_line_a_second, set_up),
		cmocka_unit_test_setup(after_a_pause_suppressed_lines_are_counted, set_up),
		cmocka_unit_test_setup(threads_lose_no_count, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
