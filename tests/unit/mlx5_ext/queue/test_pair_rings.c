/* SPDX-License-Identifier: BSD-3-Clause */
/* The Rx ring of a pair: filled, resized, and a further one of its queue. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>

#include <cmocka.h>

#include "pair_fixture.h"

/* Its slots are posted again, as many as are in use now. */
static void
a_ring_changes_its_size(void **state)
{
	make();
	assert_int_equal(mlx5x_pair_prepare(&pair), 0);
	assert_int_equal(mlx5x_pair_resize(&pair, RING / 4), 0);
	assert_int_equal(rxq.size, RING / 4);
	expect_qps(3, 2);
	assert_string_equal(steps, "ff");
	assert_int_equal(pair.state, MLX5X_PAIR_INIT);
	calls_left = 0;
	assert_int_equal(mlx5x_pair_resize(&pair, RING), -ENOSPC);
	assert_true(is_closed(&rxq.user.gate) && is_closed(&txq.user.gate));
}

/* A further ring whose other end has no Tx queue for it. */
static void
without_slots_it_needs_no_buffer(void **state)
{
	make();
	rxq.size = 0;
	nb_fits = 0;
	assert_int_equal(mlx5x_pair_prepare(&pair), 0);
	assert_string_equal(steps, "");
}

/* An application may sleep when the ring is created. */
static void
a_further_ring_has_the_channel_of_its_queue(void **state)
{
	struct ibv_comp_channel owners_channel;
	struct mlx5x_rxq owner = {.channel = &owners_channel};

	data.dev_conf.intr_conf.rxq = 1;
	rxq.owner = &owner;
	make();
	assert_ptr_equal(cq_channel, &owners_channel);
	assert_null(pair.channel);
	assert_int_equal(nb_channels, 0);
	assert_int_equal(nb_arms, 1);
}

static void
without_a_buffer_it_does_not_start(void **state)
{
	make();
	nb_fits = 0;
	assert_int_equal(mlx5x_pair_prepare(&pair), -ENOMEM);
	rxq.missed = true;
	assert_int_equal(mlx5x_pair_prepare(&pair), -EFAULT);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_ring_changes_its_size),
		CASE(without_slots_it_needs_no_buffer),
		CASE(a_further_ring_has_the_channel_of_its_queue),
		CASE(without_a_buffer_it_does_not_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
