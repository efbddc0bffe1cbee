/* SPDX-License-Identifier: BSD-3-Clause */
/* Ranges of several MRs: as the device holds no more in one, or for threads that register them. */
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
more_pieces_than_can_be_counted_is_einval(void **state)
{
	const size_t pieces = (size_t)1 << 32;

	/* Would be 1 piece, in 32 bits. */
	assert_int_equal(map(4096, pieces * MAX_SIZE + 1), -EINVAL);
	assert_int_equal(cover(4096, pieces * MAX_SIZE + 1), -EINVAL);
	assert_int_equal(cover_whole(4096, pieces * MAX_SIZE + 1), -EINVAL);
	assert_int_equal(live, 0);
	assert_false(has_key(4096));
	assert_int_equal(map(4096, 1), 0);
}

static void
more_than_one_mr_holds_is_cut_in_pieces(void **state)
{
	const struct mlx5x_mr_entry *entry;

	assert_int_equal(map(1000, 2 * MAX_SIZE + 1), 0);
	assert_int_equal(live, 3);
	entry = mlx5x_mr_find(&table, 1000 + MAX_SIZE);
	assert_int_equal(entry->start, 1000 + MAX_SIZE);
	assert_int_equal(entry->len, MAX_SIZE);
	assert_int_equal(mlx5x_mr_find(&table, 1000 + 2 * MAX_SIZE)->len, 1);
	assert_false(has_key(1001 + 2 * MAX_SIZE));
	assert_int_equal(unmap(1000 + MAX_SIZE, MAX_SIZE), -EINVAL);
	assert_int_equal(unmap(1000, 2 * MAX_SIZE + 1), 0);
	assert_int_equal(live, 0);
}

/* Each part has the length of a share, of whole huge pages, and a key; one error undoes all. */
static void
a_long_range_is_cut_for_several_threads(void **state)
{
	const uintptr_t start = 0x7f0000001000;
	const size_t part = (size_t)342 << 20, len = MLX5X_CUT_FROM + 4096;

	table.cut.max_size = SIZE_MAX;
	mlx5x_mr_set_threads(&table, 3);
	assert_int_equal(map(start, MLX5X_CUT_FROM - 1), 0);
	assert_int_equal(live, 1);
	assert_int_equal(unmap(start, MLX5X_CUT_FROM - 1), 0);
	reg_error = -ENOMEM;
	assert_int_equal(map(start, len), -ENOMEM);
	reg_error = 0;
	assert_int_equal(map(start, len), 0);
	assert_int_equal(live, 3);
	assert_int_equal(mlx5x_mr_find(&table, start + part - 1)->start, start);
	assert_int_equal(mlx5x_mr_find(&table, start + part)->start, start + part);
	assert_int_equal(mlx5x_mr_find(&table, start + len - 1)->len, len - 2 * part);
	assert_int_not_equal(lkey_at(start), lkey_at(start + part));
	assert_int_equal(unmap(start, len), 0);
	/* What the device allows is less. */
	table.cut.max_size = MLX5X_CUT_FROM / 4;
	assert_int_equal(map(start, MLX5X_CUT_FROM), 0);
	assert_int_equal(live, 4);
}

static int registrations_left;

static void
fail_after_some(void)
{
	if (registrations_left-- == 0)
		reg_error = -ENOMEM;
	else
		on_register = fail_after_some;
}

static void
a_failed_mr_rolls_back_the_others(void **state)
{
	registrations_left = 2;
	on_register = fail_after_some;
	assert_int_equal(map(1000, 4 * MAX_SIZE), -ENOMEM);
	assert_int_equal(live, 0);
	assert_false(has_key(1000));
	reg_error = 0;
	assert_int_equal(map(1000, 4 * MAX_SIZE), 0);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(more_pieces_than_can_be_counted_is_einval),
		CASE(more_than_one_mr_holds_is_cut_in_pieces),
		CASE(a_long_range_is_cut_for_several_threads),
		CASE(a_failed_mr_rolls_back_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
