/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ports of one process: the order of the steps at both ends of their cable, and the threads that do
 * not wait while an end waits for the other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "log_lines.h"
#include "peer_ends.h"

static void
both_receive_before_either_sends(void **state)
{
	assert_int_equal(up(0, PAIRS), 0);
	expect_steps("eA");
	assert_int_equal(up(1, PAIRS), 0);
	expect_steps("cB cA oA oB eA eB");
	assert_int_equal(ends[0].remotes[1].qpn, 0x12);
	assert_int_equal(ends[1].remotes[0].qpn, 0x10);
	assert_int_equal(ends[0].remotes[0].path_mtu, IBV_MTU_1024);
}

static void
a_loopback_plug_is_joined_at_once(void **state)
{
	ends[0].port.devargs.peer_kind = MLX5X_PEER_SELF;
	assert_int_equal(up(0, PAIRS), 0);
	expect_steps("cA oA eA");
	down(0);
	expect_steps("lA");
	down(0);
}

static void
an_end_not_named_by_its_peer_waits(void **state)
{
	ends[0].port.devargs.peer_kind = MLX5X_PEER_SELF;
	assert_int_equal(up(1, PAIRS), 0);
	assert_int_equal(up(0, PAIRS), 0);
	expect_steps("eB cA oA eA");
	assert_false(ends[1].port.joined);
}

static void
the_other_end_waits_when_one_stops(void **state)
{
	join(0, &uc);
	down(0);
	expect_steps("lA xB eB");
	assert_null(ends[0].port.pairs);
	assert_int_equal(up(0, PAIRS), 0);
	expect_steps("cA cB oB oA eB eA");
}

/* Another thread may close it meanwhile; the close waits. */
static void
the_other_end_is_held_during_its_event(void **state)
{
	held[0] = held[1] = false;
	asks_who_holds = true;
	join(0, &uc);
	assert_true(held[0] && !held[1]);
	held[0] = false;
	down(1);
	assert_true(held[0] && !held[1]);
	assert_true(LIST_EMPTY(&ends[0].port.hold.holders));
}

static void
a_port_may_be_stopped_in_its_event(void **state)
{
	join(0, &rc);
	stops_when_told = &ends[1].port;
	down(0);
	expect_steps("lA xB eB");
	assert_null(ends[1].port.plug);
	stops_when_told = NULL;
	join(0, &rc);
}

static void
incompatible_ends_are_rejected(void **state)
{
	assert_int_equal(up(0, PAIRS), 0);
	ends[1].data.nb_rx_queues = 0;
	assert_int_equal(up(1, PAIRS), -EINVAL);
	ends[1].data.nb_rx_queues = 1;
	ends[1].port.wire = &rc;
	assert_int_equal(up(1, PAIRS), -EINVAL);
	expect_steps("eA eA eB eA eB");
	assert_null(ends[1].port.pairs);
	assert_non_null(ends[0].port.pairs);
	ends[1].port.wire = &uc;
	assert_int_equal(up(1, PAIRS), 0);
}

/* One pair for each Tx queue of the end with more of them. */
static void
numbers_of_queues_need_not_match(void **state)
{
	ends[0].data.nb_tx_queues = 1;
	ends[1].data.nb_rx_queues = 1;
	assert_int_equal(up(0, PAIRS), 0);
	assert_int_equal(up(1, PAIRS), 0);
	assert_true(ends[0].port.joined && ends[1].port.joined);
	assert_int_equal(ends[0].port.nb_joined, PAIRS);
	assert_int_equal(ends[1].port.nb_joined, PAIRS);
	assert_int_equal(ends[0].remotes[1].qpn, 0x11 + 1);
	assert_int_equal(ends[1].remotes[1].qpn, 0x10 + 1);
}

static void
ends_whose_pairs_cannot_be_created_are_cut(void **state)
{
	assert_int_equal(up(0, PAIRS), 0);
	forget_steps();
	fail_at = "fA";
	assert_int_equal(up(1, PAIRS), -EIO);
	expect_steps("xB xA eA eB");
	assert_null(ends[1].port.pairs);
	assert_false(ends[0].port.joined);
	fail_at = NULL;
	assert_int_equal(up(1, PAIRS), 0);
}

/* The name of the wire for iWARP is no value of wire=. */
static void
a_rejection_shows_values_of_wire(void **state)
{
	static const struct mlx5x_wire iwarp = {.name = "iwarp", .iwarp = true, .mutual = true};

	ends[0].port.wire = &rc;
	assert_int_equal(up(0, PAIRS), 0);
	log_open();
	ends[1].port.wire = &uc;
	assert_int_equal(up(1, PAIRS), -EINVAL);
	assert_true(log_has("has wire=uc and its peer"));
	assert_true(log_has("has wire=rc: give both the same wire="));
	ends[1].port.wire = &iwarp;
	assert_int_equal(up(1, PAIRS), -EINVAL);
	assert_true(log_has("is a device of iWARP and its peer"));
	assert_true(log_has("one of RoCE or InfiniBand: join devices of one transport"));
	assert_false(log_has("wire=iwarp"));
	log_close();
}

static void
a_failure_leaves_no_end_joined(void **state)
{
	assert_int_equal(up(0, PAIRS), 0);
	set(&fail_at, "cB");
	assert_int_equal(up(1, PAIRS), -EIO);
	/* Some Rx queues of A may have been reached before. */
	expect_steps("eA cB xA eA eB");
	assert_non_null(ends[0].port.pairs);
	set(&fail_at, "cA");
	assert_int_equal(up(1, PAIRS), -EIO);
	expect_steps("cB cA xB eA eB");
	assert_false(ends[0].port.joined || ends[1].port.joined);
}

static void
a_recovery_resets_both_before_it_connects(void **state)
{
	join(0, &rc);
	fail_pair(1, 1);
	wait_for_steps("rB rA cpB cpA opA opB");
	assert_int_equal(ends[0].remotes[1].psn, 0x100);
	assert_int_equal(ends[1].remotes[1].psn, 0x100);
	mlx5x_peer_recover(&ends[0].port, 1);
	down(0);
	expect_steps("lA xB eB");
}

static int
count(const char *what)
{
	const char *at = steps;
	int n = 0;

	pthread_mutex_lock(&lock);
	while ((at = strstr(at, what)) != NULL) {
		at++;
		n++;
	}
	pthread_mutex_unlock(&lock);
	return n;
}

/* One thread recovers it, and the other finds it done. */
static void
concurrent_failures_are_recovered_once(void **state)
{
	int i;

	join(0, &rc);
	for (i = 0; i < 20; i++) {
		set_failed(0, true);
		set_failed(1, true);
		mlx5x_peer_recover(&ends[0].port, 1);
		mlx5x_peer_recover(&ends[1].port, 1);
		while (mlx5x_cable_is_failed(&ends[0].port, 1) || mlx5x_cable_is_failed(&ends[1].port, 1))
			usleep(100);
		down(0);
		assert_int_equal(count("rA"), 1);
		assert_int_equal(up(0, PAIRS), 0);
		forget_steps();
	}
}

static void
a_loopback_plug_recovers_alone(void **state)
{
	ends[0].port.devargs.peer_kind = MLX5X_PEER_SELF;
	ends[0].port.wire = &rc;
	assert_int_equal(up(0, PAIRS), 0);
	forget_steps();
	fail_pair(0, 0);
	wait_for_steps("rA cpA opA");
}

static void
only_joined_pairs_are_recovered(void **state)
{
	ends[0].port.wire = &rc;
	assert_int_equal(up(0, PAIRS), 0);
	fail_pair(0, 0);
	fail_pair(0, PAIRS);
	down(0);
	expect_steps("eA");
}

/* Each of its steps fails in turn. */
static void
a_failed_recovery_is_rolled_back(void **state)
{
	static const struct {
		const char *fails, *steps;
	} cases[] = {
		{"rB", "rB xpB xpA"},
		{"rA", "rB rA xpB xpA"},
		{"cpB", "rB rA cpB xpB xpA"},
		{"cpA", "rB rA cpB cpA xpB xpA"},
	};
	unsigned int i;

	join(0, &rc);
	for (i = 0; i < RTE_DIM(cases); i++) {
		set(&fail_at, cases[i].fails);
		fail_pair(1, 0);
		wait_for_steps(cases[i].steps);
	}
	set(&fail_at, NULL);
	fail_pair(1, 0);
	wait_for_steps("rB rA cpB cpA opA opB");
}

static int started;

static void *
start_b(void *arg)
{
	started = up(1, PAIRS);
	return NULL;
}

/* B starts, and blocks at a step. */
static pthread_t
start_until(const char *where)
{
	pthread_t thread;

	ends[0].port.wire = ends[1].port.wire = &rc;
	assert_int_equal(up(0, PAIRS), 0);
	set(&stuck_at, where);
	assert_int_equal(pthread_create(&thread, NULL, start_b, NULL), 0);
	wait_until_stuck();
	return thread;
}

static void
a_stop_of_the_other_end_ends_a_start(void **state)
{
	static const char *const steps_until[][2] = {
		{"cB", "eA cB xA eA eB"},
		{"cA", "eA cB cA xB eA eB"},
	};
	pthread_t thread;
	int i;

	for (i = 0; i < 2; i++) {
		thread = start_until(steps_until[i][0]);
		down(0);
		pthread_join(thread, NULL);
		/* As if it had arrived while the other one was away. */
		assert_int_equal(started, 0);
		expect_steps(steps_until[i][1]);
		assert_non_null(ends[1].port.pairs);
		assert_false(ends[0].port.joined || ends[1].port.joined);
		set(&stuck_at, NULL);
		assert_int_equal(up(0, PAIRS), 0);
		assert_true(ends[0].port.joined && ends[1].port.joined);
		down(0);
		down(1);
		forget_steps();
	}
}

/* It starts, recovers, stops and closes, and others are probed. */
static void
another_cable_works_meanwhile(void **state)
{
	pthread_t thread = start_until("cA");

	set(&stuck_at, NULL);
	join(2, &rc);
	fail_pair(3, 1);
	wait_for_steps("rD rC cpD cpC opC opD");
	down(2);
	expect_steps("lC xD eD");
	mlx5x_peer_remove(&ends[2].port);
	mlx5x_peer_add(&ends[2].port);
	assert_int_equal(up(2, PAIRS), 0);
	assert_true(ends[3].port.joined);
	forget_steps();
	clear_the_way();
	pthread_join(thread, NULL);
	assert_int_equal(started, 0);
	expect_steps("oA oB eA eB");
}

static void
a_requesting_burst_does_not_wait(void **state)
{
	int i;

	join(0, &rc);
	set(&stuck_at, "cpB");
	fail_pair(1, 0);
	wait_until_stuck();
	for (i = 0; i < 1000; i++) {
		mlx5x_peer_recover(&ends[0].port, i % PAIRS);
		mlx5x_peer_recover(&ends[1].port, i % PAIRS);
	}
	set(&stuck_at, NULL);
	clear_the_way();
	wait_for_steps("rB rA cpB cpA opA opB");
}

/* Of the end that began it, and of the other. */
static void
a_stop_ends_a_recovery(void **state)
{
	int i;

	for (i = 0; i < 2; i++) {
		join(0, &rc);
		set(&stuck_at, "cpB");
		fail_pair(1, 0);
		wait_until_stuck();
		down(i);
		expect_steps(i == 0 ? "rB rA cpB xpB xpA lA xB eB" : "rB rA cpB xpB xpA lB xA eA");
		set(&stuck_at, NULL);
		assert_int_equal(up(i, PAIRS), 0);
		assert_true(ends[0].port.joined && ends[1].port.joined);
		/* The event that ended the last wait must not end the next. */
		forget_steps();
		fail_pair(1, 0);
		wait_for_steps("rB rA cpB cpA opA opB");
		down(0);
		down(1);
	}
}

static void *
stop_b(void *arg)
{
	down(1);
	return NULL;
}

static void
both_ends_may_stop_together(void **state)
{
	pthread_t thread;
	int i;

	for (i = 0; i < 50; i++) {
		join(0, &rc);
		set(&stuck_at, i % 2 == 0 ? "cpB" : NULL);
		fail_pair(1, 0);
		if (i % 2 == 0)
			wait_until_stuck();
		assert_int_equal(pthread_create(&thread, NULL, stop_b, NULL), 0);
		down(0);
		pthread_join(thread, NULL);
		assert_false(ends[0].port.joined || ends[1].port.joined);
		set(&stuck_at, NULL);
		forget_steps();
	}
}

static void *
start_a(void *arg)
{
	*(int *)arg = up(0, PAIRS);
	return NULL;
}

static void
both_ends_may_start_together(void **state)
{
	pthread_t threads[2];
	int i, ret;

	ends[0].port.wire = ends[1].port.wire = &rc;
	for (i = 0; i < 50; i++) {
		assert_int_equal(pthread_create(&threads[0], NULL, start_a, &ret), 0);
		assert_int_equal(pthread_create(&threads[1], NULL, start_b, NULL), 0);
		pthread_join(threads[0], NULL);
		pthread_join(threads[1], NULL);
		assert_int_equal(ret, 0);
		assert_int_equal(started, 0);
		assert_true(ends[0].port.joined && ends[1].port.joined);
		down(i % 2);
		down(1 - i % 2);
		forget_steps();
	}
}

static void
without_a_descriptor_it_does_not_start(void **state)
{
	struct rlimit before, none;

	ends[0].port.wire = &rc;
	getrlimit(RLIMIT_NOFILE, &before);
	none = (struct rlimit){.rlim_max = before.rlim_max};
	setrlimit(RLIMIT_NOFILE, &none);
	assert_int_equal(up(0, PAIRS), -EMFILE);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_null(ends[0].port.pairs);
	assert_int_equal(up(0, PAIRS), 0);
}

static void
other_processes_are_reached_by_tcp(void **state)
{
	ends[0].port.devargs.peer_kind = MLX5X_PEER_LISTEN;
	ends[1].port.devargs.peer_kind = MLX5X_PEER_HOST;
	ends[1].port.wire = &rc;
	assert_int_equal(up(0, PAIRS), 0);
	assert_int_equal(up(1, PAIRS), 0);
	down(0);
	expect_steps("tcp-upA tcp-upB tcp-downA");
	/* Its thread checks that. */
	assert_null(ends[0].port.wanted);
	assert_non_null(ends[1].port.wanted);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(both_receive_before_either_sends),
		CASE(a_loopback_plug_is_joined_at_once),
		CASE(an_end_not_named_by_its_peer_waits),
		CASE(the_other_end_waits_when_one_stops),
		CASE(the_other_end_is_held_during_its_event),
		CASE(a_port_may_be_stopped_in_its_event),
		CASE(incompatible_ends_are_rejected),
		CASE(numbers_of_queues_need_not_match),
		CASE(ends_whose_pairs_cannot_be_created_are_cut),
		CASE(a_rejection_shows_values_of_wire),
		CASE(a_failure_leaves_no_end_joined),
		CASE(a_recovery_resets_both_before_it_connects),
		CASE(concurrent_failures_are_recovered_once),
		CASE(a_loopback_plug_recovers_alone),
		CASE(only_joined_pairs_are_recovered),
		CASE(a_failed_recovery_is_rolled_back),
		CASE(a_stop_of_the_other_end_ends_a_start),
		CASE(another_cable_works_meanwhile),
		CASE(a_requesting_burst_does_not_wait),
		CASE(a_stop_ends_a_recovery),
		CASE(both_ends_may_stop_together),
		CASE(both_ends_may_start_together),
		CASE(without_a_descriptor_it_does_not_start),
		CASE(other_processes_are_reached_by_tcp),
	};

	return cmocka_run_group_tests(tests, set_up_group, NULL);
}
