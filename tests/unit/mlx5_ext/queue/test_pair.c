/* SPDX-License-Identifier: BSD-3-Clause */
/* A pair from its creation to its end: states, gates and recoveries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>

#include <cmocka.h>

#include "pair_fixture.h"

static void
each_failing_step_leaves_nothing(void **state)
{
	int n, ret;

	data.dev_conf.intr_conf.rxq = 1;
	for (n = 0;; n++) {
		calls_left = n;
		ret = mlx5x_pair_create(&pair, &port, &rxq, &txq);
		if (ret == 0)
			break;
		assert_int_equal(ret, -ENOSPC);
		assert_null(pair.port);
		tear_down(NULL);
		steps[0] = '\0';
	}
	/* A channel, two CQs, the wire's, two queues. */
	assert_int_equal(n, 6);
	assert_ptr_equal(rxq.channel, &channel);
}

static void
queues_have_the_new_objects_after_each_prepare(void **state)
{
	make();
	assert_int_equal(mlx5x_pair_prepare(&pair), 0);
	expect_qps(1, 0);
	assert_int_equal(mlx5x_pair_start(&pair, &remote, 1522), 0);
	assert_int_equal(mlx5x_pair_disconnect(&pair), 0);
	expect_qps(3, 2);
	rxq.ci = 9;
	assert_int_equal(mlx5x_pair_reset(&pair), 0);
	expect_qps(5, 4);
	assert_int_equal(rxq.ci, 0);
	assert_string_equal(steps, "fff");
	assert_int_equal(rxq.pi, RING);
	assert_int_equal(txq.stats.recoveries, 1);
}

/* A disconnect ends the earlier errors, wherever they are marked; so does a stop. */
static void
an_error_is_forgotten_with_the_connection(void **state)
{
	take_into_service();
	mlx5x_txq_fail(&txq);
	rxq.failed = true;
	assert_int_equal(mlx5x_pair_disconnect(&pair), 0);
	assert_false(rxq.tx_failed);
	assert_false(mlx5x_pair_is_failed(&pair));
	mlx5x_txq_fail(&txq);
	rxq.failed = true;
	mlx5x_pair_destroy(&pair);
	assert_null(txq.tell);
	take_into_service();
	assert_false(rxq.tx_failed);
	assert_false(mlx5x_pair_is_failed(&pair));
}

static void
both_share_a_single_one(void **state)
{
	two_qps = false;
	make();
	assert_int_equal(mlx5x_pair_prepare(&pair), 0);
	expect_qps(0, 0);
	assert_int_equal(mlx5x_pair_disconnect(&pair), 0);
	expect_qps(1, 1);
}

static void
a_pair_that_cannot_be_prepared_posts_nothing(void **state)
{
	take_into_service();
	steps[0] = '\0';
	calls_left = 0;
	assert_int_equal(mlx5x_pair_disconnect(&pair), -ENOSPC);
	assert_string_equal(steps, "");
	assert_null(rxq.qp);
	assert_null(txq.qp);
	assert_true(is_closed(&rxq.user.gate) && is_closed(&txq.user.gate));
	assert_int_equal(pair.state, MLX5X_PAIR_INIT);
	calls_left = -1;
	assert_int_equal(mlx5x_pair_disconnect(&pair), 0);
	expect_qps(3, 2);
}

static void
gates_open_when_it_is_joined(void **state)
{
	make();
	assert_int_equal(mlx5x_pair_prepare(&pair), 0);
	calls_left = 0;
	assert_int_equal(mlx5x_pair_connect(&pair, &remote, 1522), -ENOSPC);
	assert_int_equal(pair.state, MLX5X_PAIR_INIT);
	calls_left = -1;
	txq.head = txq.done = 7;
	rxq.next_number = 5;
	assert_int_equal(mlx5x_pair_connect(&pair, &remote, 1522), 0);
	assert_int_equal(txq.first, 7);
	assert_int_equal(rxq.next_number, 0);
	assert_int_equal(pair.remote.qpn, 5);
	assert_int_equal(txq.max_frame, 1522);
	assert_true(is_closed(&rxq.user.gate) && is_closed(&txq.user.gate));
	mlx5x_pair_open(&pair);
	assert_int_equal(rxq.user.gate.word + txq.user.gate.word, 0);
	mlx5x_pair_close(&pair);
	mlx5x_pair_close(&pair);
	assert_int_equal(rxq.user.gate.word, MLX5X_GATE_CLOSER);
	mlx5x_pair_publish(&port, &pair, 1);
	mlx5x_pair_open(&pair);
	mlx5x_pair_close_dead(&port);
	mlx5x_pair_open(&pair);
	assert_int_equal(txq.user.gate.word, MLX5X_GATE_CLOSER);
}

static void
sides_with_a_common_qp_both_recover(void **state)
{
	take_into_service();
	rxq.failed = true;
	txq.head = 7;
	txq.done = 4;
	txq.first = 1;
	rxq.next_number = 5;
	assert_int_equal(mlx5x_pair_recover(&pair), 0);
	assert_int_equal(prepared, MLX5X_SIDE_BOTH);
	assert_int_equal(txq.stats.lost, 3);
	/* The connection goes on, and with it the numbers of frames. */
	assert_int_equal(txq.first, 1 + 3);
	assert_int_equal(rxq.next_number, 5);
	assert_int_equal(txq.stats.recoveries + rxq.stats.recoveries, 1);
	assert_false(mlx5x_pair_is_failed(&pair));
	assert_int_equal(rxq.user.gate.word + txq.user.gate.word, 0);
}

/* Its burst may be running, with its objects. */
static void
a_working_side_is_not_reset(void **state)
{
	port.wire = &apart;
	take_into_service();
	rxq.failed = true;
	txq.qp = &qps[15];
	txq.cq = NULL;
	assert_int_equal(mlx5x_pair_recover(&pair), 0);
	assert_int_equal(prepared, MLX5X_SIDE_RX);
	assert_int_equal(rxq.stats.recoveries, 1);
	assert_int_equal(rxq.user.gate.word + txq.user.gate.word, 0);
	expect_qps(3, 15);
	assert_null(txq.cq);
	mlx5x_txq_fail(&txq);
	assert_true(rxq.tx_failed);
	rxq.qp = &qps[14];
	rxq.cq = NULL;
	assert_int_equal(mlx5x_pair_recover(&pair), 0);
	assert_false(rxq.tx_failed);
	assert_int_equal(prepared, MLX5X_SIDE_TX);
	expect_qps(14, 4);
	assert_null(rxq.cq);
}

static void
buffers_are_freed_before_their_cqs(void **state)
{
	take_into_service();
	steps[0] = '\0';
	mlx5x_pair_destroy(&pair);
	assert_string_equal(steps, "wrtcc");
	assert_true(is_closed(&rxq.user.gate) && is_closed(&txq.user.gate));
	mlx5x_pair_destroy(&pair);
	assert_string_equal(steps, "wrtcc");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(each_failing_step_leaves_nothing),
		CASE(queues_have_the_new_objects_after_each_prepare),
		CASE(both_share_a_single_one),
		CASE(a_pair_that_cannot_be_prepared_posts_nothing),
		CASE(gates_open_when_it_is_joined),
		CASE(an_error_is_forgotten_with_the_connection),
		CASE(sides_with_a_common_qp_both_recover),
		CASE(a_working_side_is_not_reset),
		CASE(buffers_are_freed_before_their_cqs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
