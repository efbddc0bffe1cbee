/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>
#include <ethdev_driver.h>

#include "cable/cable.h"
#include "common/limit.h"
#include "queue/pair.h"

#define PAIRS 4

int mlx5x_logtype;

static struct mlx5x_pair pairs[PAIRS];
static struct rte_eth_dev_data data = {.name = "port"};
static struct rte_eth_dev dev = {.data = &data};
static struct mlx5x_port port = {.dev = &dev, .pairs = pairs, .nb_pairs = PAIRS, .nb_joined = PAIRS};
static uint32_t max_frame;
static int wake = -1;
static const struct mlx5x_limit limit = {.wake = -1};
static int nb_reaches, nb_resets, nb_unjoins;
static int unreachable, fail_at;	/* these pairs cannot be connected */
static int nb_unresolved;	/* so many transitions do not find the other end */

/* No thread may have to wait meanwhile. */
int
mlx5x_pair_reach(struct mlx5x_pair *pair, const struct mlx5x_remote *remote,
	const struct mlx5x_limit *within)
{
	assert_int_equal(pthread_mutex_trylock(&port.lock), 0);
	pthread_mutex_unlock(&port.lock);
	assert_int_equal(within->wake, wake);
	nb_reaches++;
	if (pair - pairs == unreachable)
		return -ETIMEDOUT;
	pair->state = MLX5X_PAIR_CONNECTING;
	return 0;
}

int
mlx5x_pair_connect(struct mlx5x_pair *pair, const struct mlx5x_remote *remote, uint32_t frame)
{
	assert_int_equal(pthread_mutex_trylock(&port.lock), EBUSY);
	assert_int_equal(pair->state, MLX5X_PAIR_CONNECTING);
	if (pair - pairs == fail_at)
		return -EIO;
	if (nb_unresolved > 0 && nb_unresolved-- > 0)
		return nb_unresolved % 2 ? -ETIMEDOUT : -ENETUNREACH;
	pair->remote = *remote;
	pair->state = MLX5X_PAIR_CONNECTED;
	max_frame = frame;
	return 0;
}

void
mlx5x_pair_open(struct mlx5x_pair *pair)
{
	assert_int_equal(pair->state, MLX5X_PAIR_CONNECTED);
	pair->state = MLX5X_PAIR_RUNNING;
}

int
mlx5x_pair_disconnect(struct mlx5x_pair *pair)
{
	pair->state = MLX5X_PAIR_INIT;
	nb_unjoins++;
	return 0;
}

int
mlx5x_pair_reset(struct mlx5x_pair *pair)
{
	nb_resets++;
	return mlx5x_pair_disconnect(pair);
}

bool
mlx5x_pair_is_failed(const struct mlx5x_pair *pair)
{
	return true;
}

static int
set_up(void **state)
{
	int i;

	nb_reaches = nb_resets = 0;
	for (i = 0; i < PAIRS; i++)
		pairs[i].state = MLX5X_PAIR_INIT;
	unreachable = fail_at = -1;
	nb_unresolved = 0;
	port.joined = false;
	return 0;
}

static void
expect_all(enum mlx5x_pair_state wanted)
{
	int i;

	for (i = 0; i < PAIRS; i++)
		assert_int_equal(pairs[i].state, wanted);
}

static const struct mlx5x_remote remotes[PAIRS] = {{.qpn = 1}, {.qpn = 2}, {.qpn = 3}, {.qpn = 4}};

static void
pairs_change_state_together(void **state)
{
	assert_int_equal(mlx5x_cable_connect(&port, remotes, 1500, &limit), 0);
	expect_all(MLX5X_PAIR_CONNECTED);
	assert_int_equal(pairs[3].remote.qpn, 4);
	assert_int_equal(max_frame, 1500 + MLX5X_FRAME_OVERHEAD);
	assert_false(port.joined);
	mlx5x_cable_open(&port);
	expect_all(MLX5X_PAIR_RUNNING);
	assert_true(port.joined);
	mlx5x_cable_cut(&port);
	expect_all(MLX5X_PAIR_INIT);
	assert_false(port.joined);
}

/* Rx queues beyond the Tx queues of both ends. */
static void
a_pair_that_no_tx_queue_needs_is_left_alone(void **state)
{
	port.nb_joined = PAIRS - 1;
	nb_unjoins = 0;
	assert_int_equal(mlx5x_cable_connect(&port, remotes, 1500, &limit), 0);
	mlx5x_cable_open(&port);
	assert_int_equal(pairs[PAIRS - 2].state, MLX5X_PAIR_RUNNING);
	assert_int_equal(pairs[PAIRS - 1].state, MLX5X_PAIR_INIT);
	mlx5x_cable_cut(&port);
	assert_int_equal(nb_unjoins, PAIRS - 1);
	port.nb_joined = PAIRS;
}

static void
a_failed_pair_leaves_none_connected(void **state)
{
	for (fail_at = 0; fail_at < PAIRS; fail_at++) {
		nb_unjoins = 0;
		assert_int_equal(mlx5x_cable_connect(&port, remotes, 1500, &limit), -EIO);
		expect_all(MLX5X_PAIR_INIT);
		/* The other end may have reached pairs that this end did not reach. */
		assert_int_equal(nb_unjoins, PAIRS);
	}
}

static void
an_unreached_pair_leaves_none_connected(void **state)
{
	for (unreachable = 0; unreachable < PAIRS; unreachable++) {
		nb_reaches = nb_unjoins = 0;
		assert_int_equal(mlx5x_cable_connect(&port, remotes, 1500, &limit), -ETIMEDOUT);
		assert_int_equal(nb_reaches, unreachable + 1);
		expect_all(MLX5X_PAIR_INIT);
		assert_int_equal(nb_unjoins, PAIRS);
	}
}

/* On a netdev that has just come up. */
static void
an_address_is_awaited(void **state)
{
	const struct mlx5x_limit patient = {.deadline = mlx5x_limit_now() + 60000, .wake = -1};

	nb_unresolved = 3;
	assert_int_equal(mlx5x_cable_connect(&port, remotes, 1500, &limit), -ENETUNREACH);
	assert_int_equal(nb_unresolved, 2);
	assert_int_equal(mlx5x_cable_connect(&port, remotes, 1500, &patient), 0);
	assert_int_equal(nb_unresolved, 0);
	expect_all(MLX5X_PAIR_CONNECTED);
	nb_unresolved = 2;
	assert_int_equal(mlx5x_cable_connect_pair(&port, 1, &remotes[1], 1500, &patient), 0);
	assert_int_equal(nb_unresolved, 0);
	expect_all(MLX5X_PAIR_CONNECTED);
}

static void
a_stop_ends_the_wait_for_an_address(void **state)
{
	const struct mlx5x_limit woken = {.deadline = MLX5X_LIMIT_FOREVER, .wake = eventfd(1, EFD_CLOEXEC)};

	wake = woken.wake;
	nb_unresolved = 1000;
	assert_int_equal(mlx5x_cable_connect(&port, remotes, 1500, &woken), -ECANCELED);
	expect_all(MLX5X_PAIR_INIT);
	assert_int_equal(mlx5x_cable_connect_pair(&port, 1, &remotes[1], 1500, &woken), -ECANCELED);
	expect_all(MLX5X_PAIR_INIT);
	assert_int_equal(nb_unresolved, 998);
	close(wake);
	wake = -1;
}

static void
one_pair_goes_round_while_the_others_stay(void **state)
{
	assert_int_equal(mlx5x_cable_connect(&port, remotes, 1500, &limit), 0);
	assert_false(mlx5x_cable_is_failed(&port, 2));
	mlx5x_cable_open(&port);
	assert_true(mlx5x_cable_is_failed(&port, 2));
	assert_int_equal(mlx5x_cable_reset_pair(&port, 2), 0);
	assert_int_equal(pairs[2].state, MLX5X_PAIR_INIT);
	assert_int_equal(nb_resets, 1);
	assert_int_equal(mlx5x_cable_connect_pair(&port, 2, &remotes[0], 9000, &limit), 0);
	assert_int_equal(pairs[2].remote.qpn, 1);
	assert_int_equal(max_frame, 9000 + MLX5X_FRAME_OVERHEAD);
	mlx5x_cable_open_pair(&port, 2);
	expect_all(MLX5X_PAIR_RUNNING);
	unreachable = 2;
	assert_int_equal(mlx5x_cable_connect_pair(&port, 2, &remotes[0], 9000, &limit), -ETIMEDOUT);
	mlx5x_cable_cut_pair(&port, 2);
	assert_int_equal(pairs[2].state, MLX5X_PAIR_INIT);
	assert_int_equal(pairs[1].state, MLX5X_PAIR_RUNNING);
	assert_int_equal(nb_resets, 1);
}

static void
leaving_changes_no_pair(void **state)
{
	assert_int_equal(mlx5x_cable_connect(&port, remotes, 1500, &limit), 0);
	mlx5x_cable_open(&port);
	mlx5x_cable_leave(&port);
	assert_false(port.joined);
	expect_all(MLX5X_PAIR_RUNNING);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(pairs_change_state_together, set_up),
		cmocka_unit_test_setup(a_pair_that_no_tx_queue_needs_is_left_alone, set_up),
		cmocka_unit_test_setup(a_failed_pair_leaves_none_connected, set_up),
		cmocka_unit_test_setup(an_unreached_pair_leaves_none_connected, set_up),
		cmocka_unit_test_setup(an_address_is_awaited, set_up),
		cmocka_unit_test_setup(a_stop_ends_the_wait_for_an_address, set_up),
		cmocka_unit_test_setup(one_pair_goes_round_while_the_others_stay, set_up),
		cmocka_unit_test_setup(leaving_changes_no_pair, set_up),
	};

	pthread_mutex_init(&port.lock, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
