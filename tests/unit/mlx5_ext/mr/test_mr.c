/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mr_fixture.h"

static void
find_past_end_is_null(void **state)
{
	assert_int_equal(map(1000, 100), 0);
	assert_false(has_key(999));
	assert_true(has_key(1000));
	assert_true(has_key(1099));
	assert_false(has_key(1100));
}

static void
the_top_of_memory_does_not_wrap(void **state)
{
	assert_int_equal(map(UINTPTR_MAX - 9, 10), 0);
	assert_true(has_key(UINTPTR_MAX));
	assert_false(has_key(0));
	assert_int_equal(map(0, 10), 0);
	assert_int_equal(unmap(UINTPTR_MAX - 9, 10), 0);
}

static void
an_identical_map_is_counted(void **state)
{
	assert_int_equal(map(1000, 100), 0);
	assert_int_equal(map(1000, 100), 0);
	assert_int_equal(registrations, 1);
	assert_int_equal(unmap(1000, 100), 0);
	assert_true(has_key(1000));
	assert_int_equal(unmap(1000, 100), 0);
	assert_false(has_key(1000));
	assert_int_equal(unmap(1000, 100), -ENOENT);
}

static void
the_same_at_another_iova_is_eexist(void **state)
{
	struct mlx5x_range range = {1000, 100}, conflict;

	assert_int_equal(mlx5x_mr_map(&table, &range, 1, 0, &conflict), 0);
	assert_int_equal(mlx5x_mr_map(&table, &range, 2, 0, &conflict), -EEXIST);
	assert_int_equal(mlx5x_mr_unmap(&table, &range, 2, &conflict), -EINVAL);
	assert_int_equal(mlx5x_mr_unmap(&table, &range, 1, &conflict), 0);
}

static void
the_same_of_other_memory_is_estale(void **state)
{
	struct mlx5x_range range = {1000, 100}, conflict;

	assert_int_equal(mlx5x_mr_memory(&table, &range), 0);
	assert_int_equal(mlx5x_mr_map(&table, &range, 1000, 7, &conflict), 0);
	assert_int_equal(mlx5x_mr_map(&table, &range, 1000, 7, &conflict), 0);
	assert_int_equal(mlx5x_mr_map(&table, &range, 1000, 8, &conflict), -ESTALE);
	assert_int_equal(registrations, 1);
	assert_int_equal(mlx5x_mr_memory(&table, &range), 7);
	assert_int_equal(mlx5x_mr_end_mapping(&table, &range, 1000, 7), 0);
	assert_false(has_key(1000));
	assert_int_equal(unmap(1000, 100), -ENOENT);
	assert_int_equal(mlx5x_mr_map(&table, &range, 1000, 8, &conflict), 0);
	assert_int_equal(registrations, 2);
	assert_int_equal(mlx5x_mr_map(&table, &range, 1000, 8, &conflict), 0);
	assert_int_equal(unmap(1000, 100), 0);
	assert_int_equal(unmap(1000, 100), 0);
	assert_int_equal(unmap(1000, 100), -ENOENT);
}

static void
only_the_given_mapping_ends(void **state)
{
	const struct mlx5x_range range = {1000, 100}, part = {1000, 50};
	struct mlx5x_range conflict;

	assert_int_equal(mlx5x_mr_map(&table, &range, 1000, 7, &conflict), 0);
	assert_int_equal(mlx5x_mr_end_mapping(&table, &range, 1000, 8), 0);
	assert_int_equal(mlx5x_mr_end_mapping(&table, &range, 999, 7), 0);
	assert_int_equal(mlx5x_mr_end_mapping(&table, &part, 1000, 7), 0);
	assert_true(has_key(1000));
	queue.owned = (struct mlx5x_range){1050, 1};
	assert_int_equal(mlx5x_mr_end_mapping(&table, &range, 1000, 7), -EBUSY);
	assert_true(has_key(1000));
	queue.owned.len = 0;
	dereg_error = -EIO;
	assert_int_equal(mlx5x_mr_end_mapping(&table, &range, 1000, 7), -EIO);
	dereg_error = 0;
	assert_true(has_key(1000));
	assert_int_equal(mlx5x_mr_memory(&table, &range), 7);
	assert_int_equal(unmap(1000, 100), 0);
}

static void
overlap_is_eexist_and_named(void **state)
{
	const struct mlx5x_range shapes[] = {
		{950, 100}, {1050, 100}, {1010, 10}, {900, 300}, {1000, 99}, {1000, 101},
	};
	struct mlx5x_range conflict;
	unsigned int i;

	assert_int_equal(map(1000, 100), 0);
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		assert_int_equal(mlx5x_mr_map(&table, &shapes[i], shapes[i].start, 0, &conflict), -EEXIST);
		assert_int_equal(conflict.start, 1000);
		assert_int_equal(conflict.len, 100);
	}
	assert_int_equal(live, 1);
	assert_int_equal(map(900, 100), 0);
	assert_int_equal(map(1100, 100), 0);
}

static void
unmap_of_anything_but_one_mapping_is_einval(void **state)
{
	assert_int_equal(map(1000, 100), 0);
	assert_int_equal(map(1100, 100), 0);
	assert_int_equal(unmap(1000, 99), -EINVAL);
	assert_int_equal(unmap(1000, 101), -EINVAL);
	assert_int_equal(unmap(1010, 90), -EINVAL);
	assert_int_equal(unmap(1000, 200), -EINVAL);
	assert_int_equal(unmap(900, 500), -EINVAL);
	assert_int_equal(unmap(900, 100), -ENOENT);
	assert_int_equal(live, 2);
}

static void
registration_errors_are_returned(void **state)
{
	reg_error = -EFAULT;
	assert_int_equal(map(1000, 100), -EFAULT);
	reg_error = -ENOMEM;
	assert_int_equal(map(1000, 100), -ENOMEM);
	assert_int_equal(cover(1000, 100), -ENOMEM);
	assert_false(has_key(1000));
	reg_error = 0;
	assert_int_equal(map(1000, 100), 0);
}

static void
map_the_same_meanwhile(void)
{
	assert_int_equal(map(1000, 100), 0);
}

static void
map_another_meanwhile(void)
{
	assert_int_equal(map(1050, 100), 0);
}

static void
the_second_thread_counts_or_rolls_back(void **state)
{
	on_register = map_the_same_meanwhile;
	assert_int_equal(map(1000, 100), 0);
	assert_int_equal(live, 1);
	assert_int_equal(unmap(1000, 100), 0);
	assert_int_equal(unmap(1000, 100), 0);
	on_register = map_another_meanwhile;
	assert_int_equal(map(1000, 100), -EEXIST);
	assert_int_equal(live, 1);
}

static void
cover_a_part_meanwhile(void)
{
	assert_int_equal(cover(1050, 100), 0);
}

static void
an_implicit_region_made_meanwhile_makes_room_for_a_mapping(void **state)
{
	on_register = cover_a_part_meanwhile;
	assert_int_equal(map(1000, 100), 0);
	assert_int_equal(live, 1);
	assert_int_not_equal(lkey_at(1000), 0);
	assert_int_equal(lkey_at(1099), lkey_at(1000));
	assert_false(has_key(1100));
	assert_int_equal(unmap(1000, 100), 0);
	assert_int_equal(live, 0);
}

static void
an_implicit_region_made_meanwhile_is_made_once(void **state)
{
	on_register = cover_a_part_meanwhile;
	assert_int_equal(cover(1000, 100), 0);
	assert_int_equal(live, 2);
	assert_int_not_equal(lkey_at(1000), 0);
	assert_int_equal(lkey_at(1149), lkey_at(1050));
	assert_int_not_equal(lkey_at(1050), lkey_at(1000));
	retire(1000, 150);
	assert_int_equal(live, 0);
}

static void
owned_buffers_are_ebusy(void **state)
{
	assert_int_equal(map(1000, 100), 0);
	queue.owned = (struct mlx5x_range){1099, 10};
	assert_int_equal(unmap(1000, 100), -EBUSY);
	assert_true(has_key(1000));
	assert_true(mlx5x_gate_enter(&queue.user.gate));
	mlx5x_gate_leave(&queue.user.gate);
	queue.owned = (struct mlx5x_range){1100, 10};
	assert_int_equal(unmap(1000, 100), 0);
}

static void
unmap_clears_the_caches_of_that_region_alone(void **state)
{
	uint32_t lkey;

	cache_misses = 0;
	assert_int_equal(map(1000, 100), 0);
	assert_int_equal(map(2000, 100), 0);
	assert_int_equal(mlx5x_mr_cache_find(&queue.user.cache, &table.index, 1010, &lkey), 90);
	assert_int_equal(unmap(2000, 100), 0);
	assert_int_equal(queue.user.cache.len, 100);
	assert_int_equal(unmap(1000, 100), 0);
	assert_int_equal(mlx5x_mr_cache_find(&queue.user.cache, &table.index, 1010, &lkey), 0);
	assert_int_equal(cache_misses, 2);
}

static void
cover_fills_the_gaps_only(void **state)
{
	assert_int_equal(map(1100, 100), 0);
	assert_int_equal(cover(1000, 400), 0);
	assert_int_equal(live, 3);
	assert_int_equal(cover(1000, 400), 0);
	assert_int_equal(live, 3);
	assert_true(has_key(1000));
	assert_true(has_key(1399));
	assert_false(has_key(1400));
	assert_int_equal(cover(900, 200), 0);
	assert_int_equal(live, 4);
}

static void
mrs_kept_by_the_kernel_stay_mapped(void **state)
{
	assert_int_equal(map(1000, 100), 0);
	dereg_error = -EIO;
	assert_int_equal(unmap(1000, 100), -EIO);
	assert_true(has_key(1000));
	assert_int_equal(map(1000, 100), 0);
	assert_int_equal(unmap(1000, 100), 0);
	assert_int_equal(unmap(1000, 100), -EIO);
	dereg_error = 0;
	assert_int_equal(unmap(1000, 100), 0);
	assert_false(has_key(1000));
	assert_int_equal(live, 0);
}

static void
usage_and_list_are_complete(void **state)
{
	struct mlx5x_mr_usage usage;
	struct mlx5x_mr_info list[4];

	assert_int_equal(map(2000, 100), 0);
	assert_int_equal(map(2000, 100), 0);
	assert_int_equal(map(1000, 50), 0);
	assert_int_equal(cover(2050, 200), 0);
	mlx5x_mr_get_usage(&table, &usage);
	assert_int_equal(usage.mapped_regions, 2);
	assert_int_equal(usage.mapped_bytes, 150);
	assert_int_equal(usage.implicit_regions, 1);
	assert_int_equal(usage.implicit_bytes, 150);
	assert_int_equal(mlx5x_mr_list(&table, list, 4), 3);
	assert_int_equal(list[0].range.start, 1000);
	assert_int_equal(list[1].refs, 2);
	assert_false(list[1].implicit);
	assert_int_equal(list[2].range.start, 2100);
	assert_true(list[2].implicit);
	assert_int_equal(mlx5x_mr_list(&table, list, 1), 1);
}

static void
many_are_all_found_while_the_index_grows(void **state)
{
	const unsigned int n = 20000;
	unsigned int i;

	for (i = 0; i < n; i++)
		assert_int_equal(map(i * 3000ul, 2000), 0);
	for (i = 0; i < n; i++) {
		assert_true(has_key(i * 3000ul + 1999));
		assert_false(has_key(i * 3000ul + 2000));
	}
	for (i = 0; i < n; i += 2)
		assert_int_equal(unmap(i * 3000ul, 2000), 0);
	for (i = 0; i < n; i++)
		assert_int_equal(has_key(i * 3000ul), i % 2);
}

static int renewals;

static void
refuse_to_renew(void)
{
	reg_error = -ENOMEM;
}

static void
refuse_the_second_piece(void)
{
	if (renewals++ == 1)
		dereg_error = -EIO;
	on_register = refuse_to_renew;
}

static void
a_failed_re_registration_is_reported(void **state)
{
	struct mlx5x_mr_usage usage;
	struct mlx5x_mr_info info;

	assert_int_equal(map(1000, 2 * MAX_SIZE), 0);
	renewals = 0;
	on_deregister = refuse_the_second_piece;
	assert_int_equal(unmap(1000, 2 * MAX_SIZE), -EIO);
	on_deregister = NULL;
	assert_false(has_key(1000));
	assert_true(has_key(1000 + MAX_SIZE));
	assert_int_equal(mlx5x_mr_list(&table, &info, 1), 1);
	assert_int_equal(info.lkey, mlx5x_mr_find(&table, 1000 + MAX_SIZE)->lkey);
	assert_int_equal(info.nb_mrs, 1);
	mlx5x_mr_get_usage(&table, &usage);
	assert_int_equal(usage.device_mrs, 1);
	reg_error = dereg_error = 0;
	assert_int_equal(unmap(1000, 2 * MAX_SIZE), 0);
}

static size_t listed;

static void
list_now(void)
{
	struct mlx5x_mr_info list[2];

	listed = mlx5x_mr_list(&table, list, 2);
}

static void
a_leaving_region_is_not_listed(void **state)
{
	assert_int_equal(map(1000, 3 * MAX_SIZE), 0);
	listed = 1;
	on_deregister = list_now;
	assert_int_equal(unmap(1000, 3 * MAX_SIZE), 0);
	assert_int_equal(listed, 0);
}

static uint64_t
pinned_pages(void)
{
	struct mlx5x_mr_usage usage;

	mlx5x_mr_get_usage(&table, &usage);
	return usage.pinned_bytes / sysconf(_SC_PAGESIZE);
}

static void
pages_are_pinned_whole_and_once_a_mapping(void **state)
{
	const uintptr_t page = sysconf(_SC_PAGESIZE);

	assert_int_equal(map(10 * page, 1), 0);
	assert_int_equal(map(10 * page, 1), 0);
	assert_int_equal(pinned_pages(), 1);
	assert_int_equal(map(12 * page - 1, 2), 0);
	assert_int_equal(pinned_pages(), 3);
	/* The kernel counts a page for each MR on it. */
	assert_int_equal(cover(10 * page + 1, 1), 0);
	assert_int_equal(pinned_pages(), 4);
	retire(10 * page, page);
	assert_int_equal(pinned_pages(), 3);
	assert_int_equal(unmap(12 * page - 1, 2), 0);
	assert_int_equal(unmap(10 * page, 1), 0);
	assert_int_equal(pinned_pages(), 1);
	assert_int_equal(unmap(10 * page, 1), 0);
	assert_int_equal(pinned_pages(), 0);
}

static void
references_of_a_mapping_can_be_queried(void **state)
{
	const struct mlx5x_range range = {1000, 100};

	assert_int_equal(mlx5x_mr_refs(&table, &range), 0);
	assert_int_equal(map(1000, 100), 0);
	assert_int_equal(map(1000, 100), 0);
	assert_int_equal(mlx5x_mr_refs(&table, &range), 2);
	assert_int_equal(unmap(1000, 100), 0);
	assert_int_equal(mlx5x_mr_refs(&table, &range), 1);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(find_past_end_is_null),
		CASE(the_top_of_memory_does_not_wrap),
		CASE(an_identical_map_is_counted),
		CASE(the_same_at_another_iova_is_eexist),
		CASE(the_same_of_other_memory_is_estale),
		CASE(only_the_given_mapping_ends),
		CASE(overlap_is_eexist_and_named),
		CASE(unmap_of_anything_but_one_mapping_is_einval),
		CASE(registration_errors_are_returned),
		CASE(the_second_thread_counts_or_rolls_back),
		CASE(an_implicit_region_made_meanwhile_makes_room_for_a_mapping),
		CASE(an_implicit_region_made_meanwhile_is_made_once),
		CASE(owned_buffers_are_ebusy),
		CASE(unmap_clears_the_caches_of_that_region_alone),
		CASE(cover_fills_the_gaps_only),
		CASE(mrs_kept_by_the_kernel_stay_mapped),
		CASE(usage_and_list_are_complete),
		CASE(a_leaving_region_is_not_listed),
		CASE(pages_are_pinned_whole_and_once_a_mapping),
		CASE(references_of_a_mapping_can_be_queried),
		CASE(a_failed_re_registration_is_reported),
		CASE(many_are_all_found_while_the_index_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
