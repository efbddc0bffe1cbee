/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * table.c of the porting guide's example: against a naive model, with failing hardware, and under
 * threads with a data path; built with ThreadSanitizer where it exists.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "table.h"

#define UNITS	40 /* the addresses are BASE to BASE + UNITS */
#define BASE	1000u
#define KEYS	(1u << 20)
#define OPS	200000
#define ROUNDS	3000
#define WRITERS 4

static struct edu_table table;
static bool busy; /* the device owns a buffer everywhere */

/* The hardware: the keys that it knows. */
static pthread_mutex_t hw_lock = PTHREAD_MUTEX_INITIALIZER;
static bool known[KEYS];
static uint32_t last_key;
static int n_known, hw_error; /* its result, if not 0 */

int
edu_hw_map(const struct edu_range *range, uint64_t *address)
{
	int ret;

	pthread_mutex_lock(&hw_lock);
	ret = hw_error;
	if (ret == 0) {
		*address = ++last_key;
		assert_true(last_key < KEYS);
		__atomic_store_n(&known[last_key], true, __ATOMIC_RELAXED);
		n_known++;
	}
	pthread_mutex_unlock(&hw_lock);
	return ret;
}

int
edu_hw_unmap(const struct edu_range *range, uint64_t address)
{
	int ret;

	pthread_mutex_lock(&hw_lock);
	ret = hw_error;
	if (ret == 0) {
		assert_true(known[address]);
		__atomic_store_n(&known[address], false, __ATOMIC_RELAXED);
		n_known--;
	}
	pthread_mutex_unlock(&hw_lock);
	return ret;
}

static bool
owns(struct edu_table *t, const struct edu_range *range)
{
	return busy;
}

static int
set_up(void **state)
{
	memset(known, 0, sizeof(known));
	last_key = n_known = hw_error = 0;
	busy = false;
	edu_table_init(&table, owns);
	return 0;
}

static int
tear_down(void **state)
{
	edu_table_fini(&table);
	return n_known;
}

static int
map(uintptr_t start, size_t len)
{
	const struct edu_range range = {start, len};
	struct edu_range conflict;

	return edu_table_map(&table, &range, start, &conflict);
}

static int
unmap(uintptr_t start, size_t len)
{
	const struct edu_range range = {start, len};
	struct edu_range conflict;

	return edu_table_unmap(&table, &range, start, &conflict);
}

/* The model: for each unit, the start, the length and the reference count of its mapping. */
static struct {
	unsigned int start, len, refs; /* refs 0: no mapping */
} model[UNITS];

static int
model_expect(unsigned int start, unsigned int len, int nothing, int other)
{
	unsigned int i;

	for (i = start; i < start + len; i++)
		if (model[i].refs != 0)
			return model[i].start == start && model[i].len == len ? 0 : other;
	return nothing;
}

static void
model_set(unsigned int start, unsigned int len, int change)
{
	unsigned int i;

	for (i = start; i < start + len; i++) {
		model[i].start = start;
		model[i].len = len;
		model[i].refs += change;
	}
}

static void
check_finds(void)
{
	const struct edu_map *found;
	unsigned int i;

	for (i = 0; i < UNITS; i++) {
		found = edu_table_find(&table, BASE + i);
		assert_int_equal(found != NULL, model[i].refs != 0);
		if (found != NULL)
			assert_int_equal(found->range.start, BASE + model[i].start);
	}
}

static void
agrees_with_the_model(void **state)
{
	unsigned int i, start, len;
	int expected;

	srand(1);
	memset(model, 0, sizeof(model));
	for (i = 0; i < OPS; i++) {
		start = rand() % UNITS;
		len = 1 + rand() % (rand() % 2 ? 3 : UNITS - start);
		len = len > UNITS - start ? UNITS - start : len;
		if (rand() % 2) {
			expected = model_expect(start, len, 0, -EEXIST);
			assert_int_equal(map(BASE + start, len), expected);
			if (expected == 0)
				model_set(start, len, 1);
		} else {
			expected = model_expect(start, len, -ENOENT, -EINVAL);
			assert_int_equal(unmap(BASE + start, len), expected);
			if (expected == 0)
				model_set(start, len, -1);
		}
		check_finds();
	}
}

static void
failed_registration_leaves_nothing(void **state)
{
	hw_error = -EFAULT;
	assert_int_equal(map(BASE, 10), -EFAULT);
	assert_null(edu_table_find(&table, BASE));
	hw_error = 0;
	assert_int_equal(map(BASE + 5, 10), 0);
	assert_int_equal(unmap(BASE + 5, 10), 0);
}

static void
failed_deregistration_changes_nothing(void **state)
{
	assert_int_equal(map(BASE, 10), 0);
	hw_error = -ENOMEM;
	assert_int_equal(unmap(BASE, 10), -ENOMEM);
	assert_non_null(edu_table_find(&table, BASE + 9));
	hw_error = 0;
	assert_int_equal(unmap(BASE, 10), 0);
}

static void
owned_is_busy_and_intact(void **state)
{
	assert_int_equal(map(BASE, 10), 0);
	busy = true;
	assert_int_equal(unmap(BASE, 10), -EBUSY);
	assert_non_null(edu_table_find(&table, BASE + 9));
	assert_int_equal(n_known, 1);
	assert_int_equal(map(BASE, 10), 0);
	assert_int_equal(unmap(BASE, 10), 0); /* not the last reference */
	busy = false;
	assert_int_equal(unmap(BASE, 10), 0);
	assert_int_equal(n_known, 0);
}

static void
other_iova_is_rejected(void **state)
{
	const struct edu_range range = {BASE, 10};
	struct edu_range conflict;

	assert_int_equal(edu_table_map(&table, &range, 7, &conflict), -EINVAL);
	assert_int_equal(map(BASE, 10), 0);
	assert_int_equal(edu_table_map(&table, &range, 7, &conflict), -EEXIST);
	assert_int_equal(edu_table_unmap(&table, &range, 7, &conflict), -EINVAL);
	assert_int_equal(unmap(BASE, 10), 0);
}

static void
ensure_fills_gaps_only(void **state)
{
	const struct edu_range all = {BASE, 40}, middle = {BASE + 18, 4};
	const struct edu_map *before;
	unsigned int i;

	assert_int_equal(map(BASE + 5, 5), 0);
	assert_int_equal(map(BASE + 20, 10), 0);
	before = edu_table_find(&table, BASE + 5);
	assert_int_equal(edu_table_cover(&table, &all), 0);
	assert_int_equal(edu_table_cover(&table, &all), 0);
	assert_int_equal(n_known, 5); /* 0-5, 10-20, 30-40 are new */
	assert_ptr_equal(edu_table_find(&table, BASE + 5), before);
	for (i = 0; i < 40; i++)
		assert_non_null(edu_table_find(&table, BASE + i));
	assert_int_equal(unmap(BASE + 10, 10), -ENOENT); /* not the application's */
	edu_table_forget(&table, &middle);
	assert_null(edu_table_find(&table, BASE + 10));
	assert_non_null(edu_table_find(&table, BASE + 20)); /* the application's stays */
	edu_table_forget(&table, &all);
	assert_int_equal(n_known, 2);
	assert_int_equal(unmap(BASE + 5, 5), 0);
	assert_int_equal(unmap(BASE + 20, 10), 0);
}

/* The ends of the address space. */
static void
nothing_wraps(void **state)
{
	assert_int_equal(map(UINTPTR_MAX - 9, 10), 0);
	assert_int_equal(map(0, 10), 0);
	assert_non_null(edu_table_find(&table, UINTPTR_MAX));
	assert_null(edu_table_find(&table, 10));
	assert_int_equal(map(UINTPTR_MAX, 1), -EEXIST);
	assert_int_equal(unmap(0, 10), 0);
	assert_int_equal(unmap(UINTPTR_MAX - 9, 10), 0);
}

static bool stopping;

/* A key found inside the gate is valid in the hardware until the gate is left. */
static void *
run_data_path(void *arg)
{
	unsigned int *violations = arg, seed = 7, i = 0;
	const struct edu_map *found;
	uint64_t key;

	while (!__atomic_load_n(&stopping, __ATOMIC_ACQUIRE)) {
		if (!mlx5x_gate_enter(&table.gate))
			continue;
		found = edu_table_find(&table, BASE + rand_r(&seed) % UNITS);
		key = found != NULL ? found->address : 0;
		for (i = 0; key != 0 && i < 50; i++)
			*violations += !__atomic_load_n(&known[key], __ATOMIC_RELAXED);
		mlx5x_gate_leave(&table.gate);
	}
	return NULL;
}

static void *
run_writer(void *arg)
{
	unsigned int *balance = arg, seed = *balance, start, i;
	int n = 0;

	for (i = 0; i < ROUNDS; i++) {
		start = rand_r(&seed) % (UNITS / 4) * 4; /* often equal, to share references */
		if (map(BASE + start, 4) == 0)
			n++;
		if (unmap(BASE + start, 4) == 0)
			n--;
	}
	*balance = n;
	return NULL;
}

static void
no_key_ends_during_a_burst(void **state)
{
	unsigned int balance[WRITERS], violations = 0, sum = 0, i;
	pthread_t data_path, writers[WRITERS];

	stopping = false;
	assert_int_equal(pthread_create(&data_path, NULL, run_data_path, &violations), 0);
	for (i = 0; i < WRITERS; i++) {
		balance[i] = i + 1; /* the seed */
		assert_int_equal(pthread_create(&writers[i], NULL, run_writer, &balance[i]), 0);
	}
	for (i = 0; i < WRITERS; i++) {
		pthread_join(writers[i], NULL);
		sum += balance[i];
	}
	__atomic_store_n(&stopping, true, __ATOMIC_RELEASE);
	pthread_join(data_path, NULL);
	assert_int_equal(violations, 0);
	assert_int_equal(sum, 0);
	assert_int_equal(n_known, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(agrees_with_the_model, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			failed_registration_leaves_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			failed_deregistration_changes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(owned_is_busy_and_intact, set_up, tear_down),
		cmocka_unit_test_setup_teardown(other_iova_is_rejected, set_up, tear_down),
		cmocka_unit_test_setup_teardown(ensure_fills_gaps_only, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_wraps, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_key_ends_during_a_burst, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
