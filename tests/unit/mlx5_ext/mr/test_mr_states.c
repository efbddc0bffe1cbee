/* SPDX-License-Identifier: BSD-3-Clause */
/* The states of mr.h: the effects of the end of a mempool and of memory, and what remains. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mr_fixture.h"

static void
own(uintptr_t start, size_t len)
{
	queue.owned = (struct mlx5x_range){start, len};
}

/* An unrelated change of the table. */
static void
change_something(void)
{
	retire(100000, 1);
}

static void
a_pool_ends_the_regions_inside(void **state)
{
	assert_int_equal(cover(1000, 100), 0);
	assert_int_equal(cover(1200, 100), 0);
	retire(1000, 100);
	assert_false(has_key(1000));
	assert_true(has_key(1200));
	assert_int_equal(live, 1);
}

static void
a_pool_keeps_shared_regions(void **state)
{
	uint32_t lkey;

	assert_int_equal(cover(1000, 400), 0);
	lkey = lkey_at(1000);
	retire(1100, 100);
	assert_int_equal(lkey_at(1000), lkey);
	assert_int_equal(lkey_at(1150), lkey);
	retire(1100, 1000);
	assert_int_equal(lkey_at(1399), lkey);
	assert_int_equal(registrations, 1);
}

static void
a_pool_registers_all_its_chunks(void **state)
{
	const struct mlx5x_range chunks[] = {{5000, 100}, {1000, 100}, {3000, 100}};

	assert_int_equal(cover(1000, 100), 0);
	assert_int_equal(cover(2000, 100), 0);
	assert_int_equal(cover(3000, 100), 0);
	assert_int_equal(cover(5000, 100), 0);
	own(5050, 1);
	mlx5x_mr_retire(&table, chunks, 3);
	assert_false(has_key(1000));
	assert_true(has_key(2000));
	assert_false(has_key(3000));
	assert_false(has_key(5000));
	/* The owned one, and another queue's. */
	assert_int_equal(live, 2);
	own(0, 0);
}

static void
a_pool_does_not_touch_mappings(void **state)
{
	assert_int_equal(map(1000, 100), 0);
	retire(1000, 100);
	assert_true(has_key(1000));
}

static void
owned_regions_outlive_their_pool(void **state)
{
	struct mlx5x_mr_usage usage;
	uint32_t lkey;

	assert_int_equal(cover(1000, 100), 0);
	assert_int_not_equal(mlx5x_mr_cache_find(&queue.user.cache, &table.index, 1000, &lkey), 0);
	own(1050, 10);
	retire(1000, 100);
	/* It is not found any more, but the device may still use it. */
	assert_false(has_key(1000));
	assert_int_equal(queue.user.cache.len, 0);
	assert_int_equal(live, 1);
	mlx5x_mr_get_usage(&table, &usage);
	assert_int_equal(usage.device_mrs, 1);
	change_something();
	assert_int_equal(live, 1);
	own(0, 0);
	change_something();
	assert_int_equal(live, 0);
}

static void
kept_regions_end_with_an_unmap_or_their_queue(void **state)
{
	assert_int_equal(map(2000, 100), 0);
	assert_int_equal(cover(1000, 100), 0);
	own(1050, 10);
	retire(1000, 100);
	own(0, 0);
	assert_int_equal(unmap(2000, 100), 0);
	assert_int_equal(live, 0);
	assert_int_equal(cover(1000, 100), 0);
	own(1050, 10);
	retire(1000, 100);
	assert_int_equal(live, 1);
	mlx5x_mr_remove_user(&table, &queue.user);
	assert_int_equal(live, 0);
	mlx5x_mr_add_user(&table, &queue.user);
	own(0, 0);
}

static void
freed_memory_ends_regions_by_force(void **state)
{
	assert_int_equal(cover(1000, 100), 0);
	assert_int_equal(cover(1100, 100), 0);
	assert_int_equal(cover(1200, 100), 0);
	own(1000, 200);
	retire(1100, 100);
	assert_int_equal(live, 3);
	forget(1000, 200);
	assert_false(has_key(1000));
	assert_true(has_key(1200));
	assert_int_equal(live, 1);
	own(0, 0);
}

static void
freed_memory_keeps_the_rest_registered(void **state)
{
	uint32_t lkey;

	assert_int_equal(cover(1000, 300), 0);
	assert_int_not_equal(mlx5x_mr_cache_find(&queue.user.cache, &table.index, 1000, &lkey), 0);
	forget(1100, 100);
	assert_true(has_key(1000));
	assert_true(has_key(1099));
	assert_false(has_key(1100));
	assert_false(has_key(1199));
	assert_true(has_key(1200));
	assert_true(has_key(1299));
	assert_int_not_equal(lkey_at(1000), lkey);
	assert_int_equal(queue.user.cache.len, 0);
	assert_int_equal(live, 2);
}

static void
freed_memory_keeps_the_posted_lkey_of_the_rest(void **state)
{
	assert_int_equal(cover(1000, 300), 0);
	own(1250, 10);
	forget(1100, 100);
	assert_true(has_key(1250));
	assert_false(has_key(1100));
	assert_int_equal(live, 3);
	own(0, 0);
	change_something();
	assert_int_equal(live, 2);
	assert_true(has_key(1250));
}

static void
a_failed_registration_of_the_rest_keeps_posted_buffers(void **state)
{
	assert_int_equal(cover(1000, 300), 0);
	own(1250, 10);
	reg_error = -ENOMEM;
	forget(1100, 100);
	assert_false(has_key(1100));
	assert_int_equal(live, 1);
	reg_error = 0;
	assert_int_equal(cover(1200, 100), 0);
	own(0, 0);
	change_something();
	assert_int_equal(live, 1);
}

static void
a_mapping_of_freed_memory_waits_for_its_unmap(void **state)
{
	const struct mlx5x_range range = {0, 5000};
	struct mlx5x_mr_loss loss;

	assert_int_equal(map(1000, 100), 0);
	assert_int_equal(map(1000, 100), 0);
	assert_int_equal(map(1100, 100), 0);
	mlx5x_mr_invalidate(&table, &range, &loss);
	assert_int_equal(loss.mappings, 2);
	assert_int_equal(loss.mapping.start, 1000);
	assert_int_equal(loss.mapping.len, 100);
	assert_false(has_key(1000));
	assert_int_equal(live, 0);
	assert_int_equal(unmap(1000, 99), -EINVAL);
	assert_int_equal(unmap(1000, 100), 0);
	assert_int_equal(unmap(1000, 100), 0);
	assert_int_equal(unmap(1000, 100), -ENOENT);
	mlx5x_mr_invalidate(&table, &range, &loss);
	assert_int_equal(loss.mappings, 0);
}

static void
a_map_of_replaced_memory_is_new(void **state)
{
	assert_int_equal(map(1000, 100), 0);
	forget(1000, 100);
	/* The same range, other memory. */
	assert_int_equal(map(1000, 100), 0);
	assert_int_equal(registrations, 2);
	assert_true(has_key(1000));
	assert_int_equal(unmap(1000, 100), 0);
	assert_int_equal(unmap(1000, 100), -ENOENT);
	assert_int_equal(map(1000, 100), 0);
	forget(1000, 100);
	assert_int_equal(map(1050, 100), 0);
	assert_int_equal(unmap(1000, 100), -EINVAL);
	assert_int_equal(unmap(1050, 100), 0);
	assert_int_equal(unmap(1000, 100), -ENOENT);
}

static void
a_mapping_loses_the_freed_part(void **state)
{
	uint32_t lkey;

	assert_int_equal(map(1000, 300), 0);
	lkey = lkey_at(1000);
	own(1000, 10);
	forget(1100, 100);
	assert_int_equal(lkey_at(1099), lkey);
	assert_false(has_key(1100));
	assert_false(has_key(1199));
	assert_int_equal(lkey_at(1200), lkey);
	assert_int_equal(lkey_at(1299), lkey);
	assert_int_equal(registrations, 1);
	forget(1150, 100);
	assert_false(has_key(1249));
	assert_int_equal(lkey_at(1250), lkey);
	assert_int_equal(map(1100, 100), -EEXIST);
	assert_int_equal(unmap(1000, 300), -EBUSY);
	own(0, 0);
	assert_int_equal(unmap(1000, 300), 0);
	assert_false(has_key(1000));
	assert_false(has_key(1250));
	assert_int_equal(live, 0);
}

static void
a_mapping_of_many_mrs_loses_the_freed_part(void **state)
{
	assert_int_equal(map(1000, 4 * MAX_SIZE), 0);
	forget(1000 + MAX_SIZE - 10, MAX_SIZE + 20);
	assert_true(has_key(1000 + MAX_SIZE - 11));
	assert_false(has_key(1000 + MAX_SIZE - 10));
	assert_false(has_key(1000 + MAX_SIZE));
	assert_false(has_key(1000 + 2 * MAX_SIZE + 9));
	assert_true(has_key(1000 + 2 * MAX_SIZE + 10));
	forget(0, 1001);
	assert_false(has_key(1000));
	assert_true(has_key(1001));
	forget(1000 + 4 * MAX_SIZE - 1, 5000);
	assert_false(has_key(1000 + 4 * MAX_SIZE - 1));
	assert_true(has_key(1000 + 4 * MAX_SIZE - 2));
	assert_int_equal(unmap(1000, 4 * MAX_SIZE), 0);
	assert_int_equal(live, 0);
}

static void
a_failed_unmap_keeps_the_holes(void **state)
{
	assert_int_equal(map(1000, 300), 0);
	forget(1100, 100);
	dereg_error = -EIO;
	assert_int_equal(unmap(1000, 300), -EIO);
	assert_true(has_key(1099));
	assert_false(has_key(1100));
	assert_true(has_key(1200));
	dereg_error = 0;
	assert_int_equal(unmap(1000, 300), 0);
}

static void
forget_the_middle(void)
{
	forget(1100, 100);
}

static void
memory_freed_during_registration_is_efault(void **state)
{
	on_register = forget_the_middle;
	assert_int_equal(map(1000, 300), -EFAULT);
	assert_false(has_key(1000));
	on_register = forget_the_middle;
	assert_int_equal(cover(1000, 300), -EFAULT);
	assert_false(has_key(1000));
	assert_int_equal(live, 0);
	/* This one tries again: the invalidated region may have been adjacent. */
	on_register = forget_the_middle;
	assert_int_equal(cover_whole(1000, 300), 0);
	assert_true(has_key(1000));
	assert_int_equal(live, 1);
}

static void
check_one_key(uintptr_t start, size_t len)
{
	assert_true(has_key(start));
	assert_true(mlx5x_mr_find(&table, start)->len -
		(start - mlx5x_mr_find(&table, start)->start) >= len);
}

static void
cover_whole_makes_one_key_of_it(void **state)
{
	assert_int_equal(cover(1000, 100), 0);
	assert_int_equal(cover_whole(1050, 100), 0);
	check_one_key(1050, 100);
	check_one_key(1000, 50);
	assert_int_equal(live, 2);
	/* It is released alone. */
	retire(1050, 100);
	assert_true(has_key(1049));
	assert_false(has_key(1050));
	assert_int_equal(live, 1);
}

static void
cover_whole_in_the_middle_leaves_both_sides(void **state)
{
	assert_int_equal(cover(1000, 100), 0);
	assert_int_equal(cover(1200, 100), 0);
	own(1010, 10);
	assert_int_equal(cover_whole(1050, 200), 0);
	check_one_key(1000, 50);
	check_one_key(1050, 200);
	check_one_key(1250, 50);
	assert_false(has_key(1300));
	/* Posted before. */
	assert_int_equal(live, 4);
	own(0, 0);
	change_something();
	assert_int_equal(live, 3);
}

static void
cover_whole_registers_nothing_twice(void **state)
{
	assert_int_equal(cover(1000, 300), 0);
	assert_int_equal(cover_whole(1000, 300), 0);
	assert_int_equal(cover_whole(1100, 100), 0);
	assert_int_equal(registrations, 1);
	assert_int_equal(map(2000, 300), 0);
	assert_int_equal(cover_whole(2000, 100), 0);
	assert_int_equal(registrations, 2);
}

static void
cover_whole_goes_round_mappings(void **state)
{
	uint32_t lkey;

	assert_int_equal(map(1100, 100), 0);
	lkey = lkey_at(1100);
	assert_int_equal(cover_whole(1000, 300), 0);
	check_one_key(1000, 100);
	assert_int_equal(lkey_at(1100), lkey);
	check_one_key(1200, 100);
	assert_int_equal(live, 3);
}

static void
cover_whole_that_fails_changes_nothing(void **state)
{
	uint32_t lkey;

	assert_int_equal(cover(1000, 100), 0);
	lkey = lkey_at(1000);
	reg_error = -ENOMEM;
	assert_int_equal(cover_whole(1050, 100), -ENOMEM);
	assert_int_equal(lkey_at(1099), lkey);
	assert_false(has_key(1100));
	assert_int_equal(live, 1);
	reg_error = 0;
}

static void
cover_whole_meanwhile(void)
{
	assert_int_equal(cover_whole(1050, 100), 0);
}

static void
a_second_registration_is_undone(void **state)
{
	on_register = cover_whole_meanwhile;
	assert_int_equal(cover_whole(1050, 100), 0);
	assert_int_equal(live, 1);
	check_one_key(1050, 100);
	assert_int_equal(cover(2000, 100), 0);
	on_register = cover_whole_meanwhile;
	retire(1050, 100);
	assert_int_equal(cover_whole(1000, 300), 0);
	check_one_key(1000, 300);
	assert_int_equal(live, 2);
}

/* The mapping thread has seen that EAL no longer has this memory. */
static void
a_mapping_replaces_implicit_regions(void **state)
{
	assert_int_equal(cover(1000, 100), 0);
	own(1010, 10);
	assert_int_equal(map(1050, 100), 0);
	check_one_key(1050, 100);
	assert_false(has_key(1000));
	assert_int_equal(live, 2);
	own(0, 0);
	assert_int_equal(unmap(1050, 100), 0);
	assert_int_equal(live, 0);
}

static void
memory_events_are_counted(void **state)
{
	uint32_t losses = mlx5x_mr_losses(&table);

	assert_int_equal(map(1000, 100), 0);
	assert_int_equal(cover(2000, 100), 0);
	assert_int_equal(mlx5x_mr_losses(&table), losses);
	forget(100000, 1);
	assert_int_not_equal(mlx5x_mr_losses(&table), losses);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_pool_ends_the_regions_inside),
		CASE(a_pool_keeps_shared_regions),
		CASE(a_pool_registers_all_its_chunks),
		CASE(a_pool_does_not_touch_mappings),
		CASE(owned_regions_outlive_their_pool),
		CASE(kept_regions_end_with_an_unmap_or_their_queue),
		CASE(freed_memory_ends_regions_by_force),
		CASE(freed_memory_keeps_the_rest_registered),
		CASE(freed_memory_keeps_the_posted_lkey_of_the_rest),
		CASE(a_failed_registration_of_the_rest_keeps_posted_buffers),
		CASE(a_mapping_of_freed_memory_waits_for_its_unmap),
		CASE(a_map_of_replaced_memory_is_new),
		CASE(a_mapping_loses_the_freed_part),
		CASE(a_mapping_of_many_mrs_loses_the_freed_part),
		CASE(a_failed_unmap_keeps_the_holes),
		CASE(memory_freed_during_registration_is_efault),
		CASE(cover_whole_makes_one_key_of_it),
		CASE(cover_whole_in_the_middle_leaves_both_sides),
		CASE(cover_whole_registers_nothing_twice),
		CASE(cover_whole_goes_round_mappings),
		CASE(cover_whole_that_fails_changes_nothing),
		CASE(a_second_registration_is_undone),
		CASE(a_mapping_replaces_implicit_regions),
		CASE(memory_events_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
