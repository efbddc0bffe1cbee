/* SPDX-License-Identifier: BSD-3-Clause */
/* recover.c: which pairs are recovered, by which method, without waiting for a lock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>

#include <cmocka.h>
#include <ethdev_driver.h>

#include "queue/pair.h"
#include "queue/recover.h"
#include "log_lines.h"

#define PAIRS MLX5X_PORT_PAIRS

int mlx5x_logtype;

static struct rte_eth_dev_data data = {.name = "port"};
static struct rte_eth_dev dev = {.data = &data};
static struct mlx5x_wire wire;
static struct mlx5x_pair pairs[PAIRS];
static struct mlx5x_port port;
static bool failed[PAIRS];
static int nb_recovered[PAIRS], nb_asked[PAIRS], recover_error;

bool
mlx5x_pair_is_failed(const struct mlx5x_pair *pair)
{
	return failed[pair - pairs];
}

/* A failure leaves the pair INIT, with its gates closed and still marked. */
int
mlx5x_pair_recover(struct mlx5x_pair *pair)
{
	assert_int_not_equal(pthread_mutex_trylock(&port.lock), 0);
	nb_recovered[pair - pairs]++;
	if (recover_error != 0)
		pair->state = MLX5X_PAIR_INIT;
	else
		failed[pair - pairs] = false;
	return recover_error;
}

/* For a wire whose recoveries involve both ends. */
static void
ask_peer(struct mlx5x_port *of, uint16_t index)
{
	assert_int_equal(pthread_mutex_trylock(&of->lock), 0);
	pthread_mutex_unlock(&of->lock);
	nb_asked[index]++;
}

static int
set_up(void **state)
{
	int i;

	wire = (struct mlx5x_wire){.recover = mlx5x_recover_alone};
	port = (struct mlx5x_port){.dev = &dev, .wire = &wire, .pairs = pairs, .nb_pairs = PAIRS};
	pthread_mutex_init(&port.lock, NULL);
	for (i = 0; i < PAIRS; i++) {
		pairs[i] = (struct mlx5x_pair){.state = MLX5X_PAIR_RUNNING, .port = &port};
		failed[i] = false;
		nb_recovered[i] = nb_asked[i] = 0;
	}
	recover_error = 0;
	log_open();
	return 0;
}

static void
all_failed_pairs_are_recovered(void **state)
{
	assert_false(mlx5x_recover_marked(&port));
	failed[0] = failed[2] = failed[PAIRS - 1] = true;
	assert_true(mlx5x_recover_marked(&port));
	assert_int_equal(nb_recovered[0], 1);
	assert_int_equal(nb_recovered[1], 0);
	assert_int_equal(nb_recovered[2], 1);
	assert_int_equal(nb_recovered[PAIRS - 1], 1);
	assert_int_equal(nb_recovered[PAIRS - 1 - 32], 0);
	assert_false(mlx5x_recover_marked(&port));
	assert_int_equal(count_lines(), 0);
}

static void
mutual_recovery_is_requested_from_the_peer(void **state)
{
	wire.recover = ask_peer;
	failed[1] = true;
	assert_true(mlx5x_recover_marked(&port));
	assert_int_equal(nb_asked[1], 1);
	assert_int_equal(nb_recovered[1], 0);
}

static void
a_disconnected_pair_is_not_recovered(void **state)
{
	failed[1] = true;
	pairs[1].state = MLX5X_PAIR_CONNECTED;
	assert_false(mlx5x_recover_marked(&port));
	mlx5x_recover(&port, 1);
	assert_int_equal(nb_recovered[1], 0);
}

/* A recovery that fails is tried, and logged, once. */
static void
a_failed_recovery_is_not_repeated(void **state)
{
	failed[1] = true;
	recover_error = -ENOMEM;
	assert_true(mlx5x_recover_marked(&port));
	assert_false(mlx5x_recover_marked(&port));
	assert_int_equal(nb_recovered[1], 1);
	assert_int_equal(count_lines(), 1);
	assert_true(log_has("port: queue 1 cannot be recovered (Cannot allocate memory): stop and "
		"start the port"));
}

static void
a_held_lock_is_not_waited_for(void **state)
{
	failed[1] = true;
	pthread_mutex_lock(&port.lock);
	assert_false(mlx5x_recover_marked(&port));
	mlx5x_recover(&port, 1);
	pthread_mutex_unlock(&port.lock);
	assert_int_equal(nb_recovered[1], 0);
	assert_true(mlx5x_recover_marked(&port));
	assert_int_equal(nb_recovered[1], 1);
}

static void
a_stopped_port_is_not_recovered(void **state)
{
	port.pairs = NULL;
	port.nb_pairs = 0;
	failed[0] = true;
	assert_false(mlx5x_recover_marked(&port));
	mlx5x_recover(&port, 0);
	assert_int_equal(nb_recovered[0], 0);
}

/* A queue of the port from before a start with fewer queues. */
static void
a_missing_pair_is_ignored(void **state)
{
	port.nb_pairs = 2;
	failed[2] = true;
	mlx5x_recover(&port, 2);
	assert_false(mlx5x_recover_marked(&port));
	assert_int_equal(nb_recovered[2], 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, log_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(all_failed_pairs_are_recovered),
		CASE(mutual_recovery_is_requested_from_the_peer),
		CASE(a_disconnected_pair_is_not_recovered),
		CASE(a_failed_recovery_is_not_repeated),
		CASE(a_held_lock_is_not_waited_for),
		CASE(a_stopped_port_is_not_recovered),
		CASE(a_missing_pair_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
