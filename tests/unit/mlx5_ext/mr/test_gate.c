/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <sched.h>

#include <cmocka.h>

#include "mr/gate.h"

#define ROUNDS 2000
#define CLOSERS 3

static void
a_closed_gate_keeps_bursts_out(void **state)
{
	struct mlx5x_gate gate = {0};

	assert_true(mlx5x_gate_enter(&gate));
	mlx5x_gate_leave(&gate);
	mlx5x_gate_close(&gate);
	assert_false(mlx5x_gate_enter(&gate));
	mlx5x_gate_open(&gate);
	assert_true(mlx5x_gate_enter(&gate));
}

static void
closers_are_counted(void **state)
{
	struct mlx5x_gate gate = {0};

	mlx5x_gate_close(&gate);
	mlx5x_gate_close(&gate);
	mlx5x_gate_open(&gate);
	assert_false(mlx5x_gate_enter(&gate));
	mlx5x_gate_open(&gate);
	assert_true(mlx5x_gate_enter(&gate));
}

static void
shut_while_inside_lets_it_leave(void **state)
{
	struct mlx5x_gate gate = {0};

	assert_true(mlx5x_gate_enter(&gate));
	mlx5x_gate_shut(&gate);
	assert_int_equal(gate.word & MLX5X_GATE_INSIDE, MLX5X_GATE_INSIDE);
	mlx5x_gate_leave(&gate);
	mlx5x_gate_wait(&gate);
	assert_false(mlx5x_gate_enter(&gate));
}

/*
 * Protected by the gate: plain variables, so that TSan reports a burst and a closer at the same
 * time.
 */
static struct mlx5x_gate shared;
static pthread_mutex_t closers = PTHREAD_MUTEX_INITIALIZER;
static uint64_t by_burst, by_closers;
static bool finished;

static void *
burst(void *arg)
{
	while (!__atomic_load_n(&finished, __ATOMIC_RELAXED)) {
		if (mlx5x_gate_enter(&shared)) {
			by_burst = by_closers;
			mlx5x_gate_leave(&shared);
		}
		sched_yield();
	}
	return NULL;
}

static void *
closer(void *arg)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&closers);
		mlx5x_gate_close(&shared);
		by_closers = (by_burst > by_closers ? by_burst : by_closers) + 1;
		mlx5x_gate_open(&shared);
		pthread_mutex_unlock(&closers);
	}
	return NULL;
}

static void
bursts_and_closers_never_meet(void **state)
{
	pthread_t threads[CLOSERS + 1];
	int i;

	pthread_create(&threads[CLOSERS], NULL, burst, NULL);
	for (i = 0; i < CLOSERS; i++)
		pthread_create(&threads[i], NULL, closer, NULL);
	for (i = 0; i < CLOSERS; i++)
		pthread_join(threads[i], NULL);
	__atomic_store_n(&finished, true, __ATOMIC_RELAXED);
	pthread_join(threads[CLOSERS], NULL);
	assert_int_equal(by_closers, CLOSERS * ROUNDS);
	assert_int_equal(shared.word, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_closed_gate_keeps_bursts_out),
		cmocka_unit_test(closers_are_counted),
		cmocka_unit_test(shut_while_inside_lets_it_leave),
		cmocka_unit_test(bursts_and_closers_never_meet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
