/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables without memory, and regions with parts that lost their MR. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mr_fixture.h"

/* Linked with --wrap: the n-th allocation from now on fails. 0: none does. */
static int allocations_until_failure;
static bool all_fail;

static bool
fails_now(void)
{
	return all_fail || (allocations_until_failure != 0 && --allocations_until_failure == 0);
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *
__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

void *
__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return fails_now() ? NULL : __real_aligned_alloc(alignment, size);
}

#define BLOCK (UINT64_C(1) << 24)
#define PIECES 40

/* Each step makes the index grow: by ranges, by blocks, and by both. */
static int
fill(void)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < 4 && ret == 0; i++)
		ret = map(1000 + i * 10, 10);
	for (i = 0; i < 40 && ret == 0; i++)
		ret = map(i * BLOCK + 7777777, 100);
	if (ret == 0)
		ret = map(UINT64_C(1) << 40, PIECES * MAX_SIZE);
	if (ret == 0)
		ret = cover_whole(200 * BLOCK, MAX_SIZE);
	return ret;
}

/* What a failed allocation left behind works as before; forgotten ranges are forgotten. */
static void
assert_consistent(void)
{
	struct mlx5x_mr_info info[100];
	size_t n = mlx5x_mr_list(&table, info, 100), i;

	for (i = 0; i < n; i++) {
		assert_int_equal(lkey_at(info[i].range.start), info[i].lkey);
		assert_true(has_key(info[i].range.start + info[i].range.len - 1));
	}
}

static void
every_failed_allocation_is_an_error_without_effect(void **state)
{
	int n, ret, failures = 0;

	for (n = 1;; n++) {
		set_up(NULL);
		allocations_until_failure = n;
		ret = fill();
		if (allocations_until_failure != 0)
			break;
		assert_int_equal(ret, -ENOMEM);
		failures++;
		assert_consistent();
		forget(0, UINT64_C(1) << 50);
		assert_int_equal(fill(), 0);
		assert_consistent();
		tear_down(NULL);
	}
	allocations_until_failure = 0;
	assert_int_equal(ret, 0);
	/* 46 regions, and the growth of the index. */
	assert_true(failures > 46 + 3);
	tear_down(NULL);
}

/* Without it the whole mapping loses its lkeys. */
static void
a_hole_needs_memory(void **state)
{
	assert_int_equal(map(1000, 3 * MAX_SIZE), 0);
	assert_int_equal(map(100000, 3 * MAX_SIZE), 0);
	forget(1000 + MAX_SIZE + 10, 20);
	assert_true(has_key(1000 + MAX_SIZE + 9));
	assert_false(has_key(1000 + MAX_SIZE + 10));
	assert_true(has_key(1000 + MAX_SIZE + 30));
	all_fail = true;
	forget(100000 + MAX_SIZE + 10, 20);
	all_fail = false;
	assert_false(has_key(100000));
	assert_true(has_key(1000));
	assert_int_equal(unmap(1000, 3 * MAX_SIZE), 0);
	assert_int_equal(unmap(100000, 3 * MAX_SIZE), 0);
}

/* Unmaps in which the kernel keeps the second MR, and refuses the first one a new one, or not. */
static int refused;

static void
refuse_registrations(void)
{
	reg_error = -ENOMEM;
}

static void
refuse_the_second(void)
{
	if (refused++ == 1)
		dereg_error = -EIO;
}

static int
fail_to_unmap(void)
{
	int ret;

	refused = 0;
	on_deregister = refuse_the_second;
	ret = unmap(1000, 2 * MAX_SIZE);
	on_deregister = NULL;
	on_register = NULL;
	reg_error = dereg_error = 0;
	return ret;
}

static void
a_lost_part_has_an_lkey_again_with_its_mr(void **state)
{
	assert_int_equal(map(1000, 2 * MAX_SIZE), 0);
	on_register = refuse_registrations;
	assert_int_equal(fail_to_unmap(), -EIO);
	assert_false(has_key(1000));
	assert_true(has_key(1000 + MAX_SIZE));
	/* Only the second one is left to deregister. */
	refused = 1;
	on_deregister = refuse_the_second;
	assert_int_equal(unmap(1000, 2 * MAX_SIZE), -EIO);
	on_deregister = NULL;
	dereg_error = 0;
	assert_true(has_key(1000));
	assert_true(has_key(1000 + MAX_SIZE));
	assert_int_equal(unmap(1000, 2 * MAX_SIZE), 0);
	assert_false(has_key(1000));
	assert_int_equal(map(1000, 2 * MAX_SIZE), 0);
}

/* A hole in a region that has such a part. */
static void
a_lost_part_can_have_a_hole(void **state)
{
	assert_int_equal(map(1000, 2 * MAX_SIZE), 0);
	on_register = refuse_registrations;
	assert_int_equal(fail_to_unmap(), -EIO);
	forget(1100, MAX_SIZE);
	assert_false(has_key(1000));
	assert_false(has_key(1099 + MAX_SIZE));
	assert_true(has_key(1100 + MAX_SIZE));
	assert_int_equal(unmap(1000, 2 * MAX_SIZE), 0);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_failed_allocation_is_an_error_without_effect),
		CASE(a_hole_needs_memory),
		CASE(a_lost_part_has_an_lkey_again_with_its_mr),
		CASE(a_lost_part_can_have_a_hole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
