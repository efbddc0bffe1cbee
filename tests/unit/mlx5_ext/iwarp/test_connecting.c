/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two cables of iWARP within a process, with all of the driver's files between peer.c and the
 * replaced verbs; the other end answers when the test says so. No other thread has to wait
 * meanwhile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "iwarp_cables.h"

typedef void *(*task_t)(void *end);

static void *
start_task(void *end)
{
	((struct end *)end)->ret = start(end);
	return NULL;
}

static void *
stop_task(void *end)
{
	stop_end(end);
	return NULL;
}

static pthread_t
begin(task_t task, struct end *end)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, task, end), 0);
	return thread;
}

static void
finish(pthread_t thread, const char *what)
{
	struct timespec limit;

	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += SOON;
	if (pthread_timedjoin_np(thread, NULL, &limit) != 0)
		fail_msg("%s waits", what);
}

#define MUST_RETURN(task, end) finish(begin(task, end), #task)

/* Memory is added and removed, explicitly and by EAL. */
static void *
map_task(void *arg)
{
	struct mlx5x_range range = {0x10000, 0x1000}, other = {0x20000, 0x1000}, conflict;
	struct mlx5x_mr_loss loss;
	struct end *end = arg;

	end->ret = mlx5x_mr_map(&end->mrs, &range, 0x10000, 0, &conflict) != 0 ||
		mlx5x_mr_ensure(&end->mrs, &other) != 0 ||
		mlx5x_mr_unmap(&end->mrs, &range, 0x10000, &conflict) != 0;
	mlx5x_mr_invalidate(&end->mrs, &other, &loss);
	return NULL;
}

static uint16_t
receive(struct mlx5x_rxq *rxq, struct rte_mbuf **pkts, uint16_t n)
{
	return 0;
}

/* A burst of each queue, with the failure path of a real one. */
static void *
burst_task(void *arg)
{
	struct end *end = arg;
	struct rte_mbuf *pkt;
	int i;

	for (i = 0; i < PAIRS; i++)
		mlx5x_rx_burst(&end->rxqs[i], &pkt, 1, receive, rx_fill);
	return NULL;
}

/* EAL's interrupt thread handles the death of the device. */
static void *
die_task(void *end)
{
	mlx5x_pair_close_dead(&((struct end *)end)->port);
	return NULL;
}

static void
wait_until_stuck(void)
{
	while (sem_wait(&is_stuck) != 0)
		;
}

static void
nobody_answers(void)
{
	__atomic_store_n(&stuck, true, __ATOMIC_RELEASE);
}

static void
somebody_answers(void)
{
	__atomic_store_n(&stuck, false, __ATOMIC_RELEASE);
	eventfd_write(obstacle, 1);
}

static void
everybody_else_goes_on(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		MUST_RETURN(map_task, &ends[i]);
		assert_int_equal(ends[i].ret, 0);
		MUST_RETURN(burst_task, &ends[i]);
	}
}

static void
join(struct end *a, struct end *b)
{
	assert_int_equal(start(a), 0);
	assert_int_equal(start(b), 0);
	assert_true(a->port.joined && b->port.joined);
}

static bool
is_failed(struct end *end)
{
	return mlx5x_flag_read(&end->rxqs[1].failed);
}

/* Its burst has met an error, and requests a recovery. */
static void
fail_queue(struct end *end)
{
	mlx5x_flag_set(&end->rxqs[1].failed, true);
	MUST_RETURN(burst_task, end);
}

static void
wait_for_recovery(struct end *end, uint64_t wanted)
{
	uint64_t limit = mlx5x_limit_now() + SOON * 1000;

	while (is_failed(end) || mlx5x_counter_read(&end->txqs[1].stats.recoveries) < wanted ||
	       __atomic_load_n(&end->rxqs[1].user.gate.word, __ATOMIC_ACQUIRE) != 0) {
		if (mlx5x_limit_now() > limit)
			fail_msg("%s does not recover", end->data.name);
		usleep(200);
	}
}

static void
a_start_blocks_no_other_thread(void **state)
{
	pthread_t thread;

	assert_int_equal(start(&ends[0]), 0);
	nobody_answers();
	thread = begin(start_task, &ends[1]);
	wait_until_stuck();
	everybody_else_goes_on();
	assert_int_equal(ends[1].pairs[0].state, MLX5X_PAIR_CONNECTING);
	somebody_answers();
	finish(thread, "the start");
	assert_int_equal(ends[1].ret, 0);
	assert_true(ends[0].port.joined && ends[1].port.joined);
}

static void
a_stop_of_the_other_end_ends_a_start(void **state)
{
	pthread_t thread;

	assert_int_equal(start(&ends[0]), 0);
	nobody_answers();
	thread = begin(start_task, &ends[1]);
	wait_until_stuck();
	MUST_RETURN(stop_task, &ends[0]);
	finish(thread, "the start");
	assert_int_equal(ends[1].ret, 0);
	assert_false(ends[1].port.joined);
	somebody_answers();
	assert_int_equal(start(&ends[0]), 0);
	assert_true(ends[0].port.joined && ends[1].port.joined);
}

static void
another_cable_starts_recovers_and_stops(void **state)
{
	pthread_t thread;

	join(&ends[2], &ends[3]);
	assert_int_equal(start(&ends[0]), 0);
	nobody_answers();
	thread = begin(start_task, &ends[1]);
	wait_until_stuck();
	__atomic_store_n(&stuck, false, __ATOMIC_RELEASE);
	fail_queue(&ends[2]);
	wait_for_recovery(&ends[2], 1);
	wait_for_recovery(&ends[3], 1);
	MUST_RETURN(stop_task, &ends[3]);
	MUST_RETURN(start_task, &ends[3]);
	assert_int_equal(ends[3].ret, 0);
	assert_true(ends[2].port.joined && ends[3].port.joined);
	somebody_answers();
	finish(thread, "the start");
	assert_int_equal(ends[1].ret, 0);
}

static void
a_recovery_blocks_no_other_thread(void **state)
{
	join(&ends[0], &ends[1]);
	nobody_answers();
	fail_queue(&ends[1]);
	wait_until_stuck();
	everybody_else_goes_on();
	/* Another queue of the port, and the other end. */
	mlx5x_flag_set(&ends[0].rxqs[0].failed, true);
	mlx5x_flag_set(&ends[1].rxqs[0].failed, true);
	everybody_else_goes_on();
	somebody_answers();
	wait_for_recovery(&ends[0], 1);
	wait_for_recovery(&ends[1], 1);
}

static void
a_stop_of_either_end_ends_a_recovery(void **state)
{
	int i;

	join(&ends[0], &ends[1]);
	for (i = 0; i < 2; i++) {
		nobody_answers();
		fail_queue(&ends[1]);
		wait_until_stuck();
		MUST_RETURN(stop_task, &ends[i]);
		assert_false(ends[0].port.joined || ends[1].port.joined);
		__atomic_store_n(&stuck, false, __ATOMIC_RELEASE);
		assert_int_equal(start(&ends[i]), 0);
		assert_true(ends[0].port.joined && ends[1].port.joined);
	}
}

static void
a_death_does_not_wait(void **state)
{
	join(&ends[0], &ends[1]);
	nobody_answers();
	fail_queue(&ends[1]);
	wait_until_stuck();
	MUST_RETURN(die_task, &ends[0]);
	MUST_RETURN(die_task, &ends[1]);
	MUST_RETURN(stop_task, &ends[0]);
	MUST_RETURN(stop_task, &ends[1]);
}

/* Each call of the device fails in turn: at the end of the test no object is left. */
static void
each_failing_step_of_a_start_leaves_nothing(void **state)
{
	int n, ret, before;

	assert_int_equal(start(&ends[0]), 0);
	before = nb_objects;
	for (n = 0;; n++) {
		calls_left = n;
		ret = start(&ends[1]);
		if (ret == 0)
			break;
		assert_int_equal(ret, -ENOSPC);
		calls_left = -1;
		assert_false(ends[0].port.joined);
		assert_int_equal(nb_objects, before);
	}
	calls_left = -1;
	assert_true(n > 20);
	assert_true(ends[0].port.joined && ends[1].port.joined);
}

static void
wait_until_idle(struct end *end)
{
	while (is_failed(end) || __atomic_load_n(&calls_left, __ATOMIC_RELAXED) > 0)
		usleep(200);
}

/* After a failed recovery a new start restores the port. */
static void
each_failing_step_of_a_recovery_leaves_nothing(void **state)
{
	int n;

	join(&ends[0], &ends[1]);
	/* Two new QPs at each end, and two connections. */
	for (n = 0; n < 6; n++) {
		__atomic_store_n(&calls_left, n, __ATOMIC_RELAXED);
		fail_queue(&ends[1]);
		wait_until_idle(&ends[1]);
		stop_end(&ends[1]);
		calls_left = -1;
		assert_int_equal(start(&ends[1]), 0);
		assert_true(ends[0].port.joined && ends[1].port.joined);
	}
	fail_queue(&ends[1]);
	wait_for_recovery(&ends[0], 1);
	wait_for_recovery(&ends[1], 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_start_blocks_no_other_thread),
		CASE(a_stop_of_the_other_end_ends_a_start),
		CASE(another_cable_starts_recovers_and_stops),
		CASE(a_recovery_blocks_no_other_thread),
		CASE(a_stop_of_either_end_ends_a_recovery),
		CASE(a_death_does_not_wait),
		CASE(each_failing_step_of_a_start_leaves_nothing),
		CASE(each_failing_step_of_a_recovery_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, set_up_group, NULL);
}
