/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <poll.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "cable/wanted.h"
#include "queue/port.h"

static struct mlx5x_wanted *wanted;

static int
set_up(void **state)
{
	return mlx5x_wanted_create(&wanted);
}

static int
tear_down(void **state)
{
	mlx5x_wanted_destroy(wanted);
	return 0;
}

static bool
is_readable(void)
{
	struct pollfd fd = {.fd = mlx5x_wanted_fd(wanted), .events = POLLIN};

	return poll(&fd, 1, 0) == 1;
}

static void
each_pair_is_taken_once(void **state)
{
	uint16_t index;
	int i;

	assert_false(is_readable());
	assert_false(mlx5x_wanted_take(wanted, &index));
	for (i = 0; i < 3; i++) {
		mlx5x_wanted_add(wanted, MLX5X_PORT_PAIRS - 1);
		mlx5x_wanted_add(wanted, 0);
	}
	assert_true(is_readable());
	assert_true(mlx5x_wanted_take(wanted, &index));
	assert_int_equal(index, 0);
	assert_true(mlx5x_wanted_take(wanted, &index));
	assert_int_equal(index, MLX5X_PORT_PAIRS - 1);
	assert_false(mlx5x_wanted_take(wanted, &index));
	assert_false(is_readable());
}

/* It may have failed again during its recovery. */
static void
taken_pairs_can_be_added_again(void **state)
{
	uint16_t index;

	mlx5x_wanted_add(wanted, 5);
	assert_true(mlx5x_wanted_take(wanted, &index));
	assert_false(is_readable());
	mlx5x_wanted_add(wanted, 5);
	assert_true(is_readable());
	assert_true(mlx5x_wanted_take(wanted, &index));
	assert_int_equal(index, 5);
}

static void
without_a_descriptor_there_is_none(void **state)
{
	struct mlx5x_wanted *none = NULL;
	struct rlimit before, low;

	getrlimit(RLIMIT_NOFILE, &before);
	low = (struct rlimit){.rlim_max = before.rlim_max};
	setrlimit(RLIMIT_NOFILE, &low);
	assert_int_equal(mlx5x_wanted_create(&none), -EMFILE);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_null(none);
	mlx5x_wanted_destroy(none);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(each_pair_is_taken_once),
		CASE(taken_pairs_can_be_added_again),
		CASE(without_a_descriptor_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
