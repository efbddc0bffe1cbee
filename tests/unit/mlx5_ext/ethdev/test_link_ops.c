/* SPDX-License-Identifier: BSD-3-Clause */
/* link_ops.c: the wire and the pairs of a port whose link is set down and up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "ethdev/link_ops.h"
#include "queue/link.h"
#include "queue/pair.h"
#include "queue/port.h"
#include "queue/wire.h"
#include "log_lines.h"

#define PAIRS 3

int mlx5x_logtype;

static struct rte_eth_dev_data data;
static struct rte_eth_dev dev = {.data = &data};
static struct mlx5x_port port;
static struct mlx5x_pair pairs[MLX5X_PORT_PAIRS];
static unsigned int nb_pairs, nb_added;	/* that exist; that the wire creates next */
static bool is_up;
static unsigned int link_changes, nb_prepared;
static int up_error, prepare_error;

/* As a start of the port creates them, or a wire: up to that number. */
static void
create_pairs(unsigned int n)
{
	while (nb_pairs < n)
		pairs[nb_pairs++] = (struct mlx5x_pair){
			.port = &port, .state = MLX5X_PAIR_INIT};
}

static void
destroy_pairs(void)
{
	memset(pairs, 0, sizeof(pairs));
	nb_pairs = 0;
}

static int
up(struct mlx5x_port *of, struct mlx5x_pair *these, uint16_t n)
{
	unsigned int i;

	assert_ptr_equal(these, pairs);
	assert_int_equal(n, nb_pairs);
	assert_false(is_up);
	create_pairs(nb_pairs + nb_added);
	if (up_error != 0)
		return up_error;
	for (i = 0; i < nb_pairs; i++) {
		assert_int_equal(pairs[i].state, MLX5X_PAIR_INIT);
		pairs[i].state = MLX5X_PAIR_RUNNING;
	}
	is_up = true;
	return 0;
}

static void
down(struct mlx5x_port *of)
{
	assert_true(is_up);
	is_up = false;
}

static void
check_lock(const struct mlx5x_pair *pair)
{
	assert_int_not_equal(pthread_mutex_trylock(&port.lock), 0);
	assert_false(is_up);
	assert_true(pair >= pairs && pair < pairs + nb_pairs);
}

void
mlx5x_pair_close(struct mlx5x_pair *pair)
{
	check_lock(pair);
	pair->state = MLX5X_PAIR_CONNECTED;
}

int
mlx5x_pair_disconnect(struct mlx5x_pair *pair)
{
	check_lock(pair);
	pair->state = MLX5X_PAIR_INIT;
	nb_prepared++;
	return nb_prepared == 2 ? prepare_error : 0;
}

void
mlx5x_link_changed(struct mlx5x_port *of)
{
	assert_false(is_up);
	link_changes++;
}

static int
set_up(void **state)
{
	static struct mlx5x_wire wire = {.up = up, .down = down};

	data = (struct rte_eth_dev_data){.name = "port", .dev_private = &port};
	port = (struct mlx5x_port){.dev = &dev, .wire = &wire};
	pthread_mutex_init(&port.lock, NULL);
	destroy_pairs();
	create_pairs(PAIRS);
	nb_added = 0;
	is_up = false;
	link_changes = nb_prepared = 0;
	up_error = prepare_error = 0;
	log_open();
	return 0;
}

static void
a_link_goes_down_and_up(void **state)
{
	unsigned int i;

	assert_int_equal(mlx5x_link_begin(&port, pairs), 0);
	assert_true(is_up);
	assert_int_equal(mlx5x_set_link_up(&dev), 0);
	assert_int_equal(mlx5x_set_link_down(&dev), 0);
	assert_false(is_up);
	for (i = 0; i < PAIRS; i++)
		assert_int_equal(pairs[i].state, MLX5X_PAIR_CONNECTED);
	assert_int_equal(link_changes, 1);
	assert_int_equal(mlx5x_set_link_down(&dev), 0);
	assert_int_equal(link_changes, 1);
	/* Rings are filled again before any frame arrives. */
	assert_int_equal(mlx5x_set_link_up(&dev), 0);
	assert_true(is_up);
	assert_int_equal(nb_prepared, PAIRS);
	mlx5x_link_end(&port);
	assert_false(is_up);
	assert_null(port.started);
	assert_int_equal(count_lines(), 0);
}

static void
a_setting_outlives_the_start(void **state)
{
	assert_int_equal(mlx5x_set_link_down(&dev), 0);
	assert_int_equal(link_changes, 0);
	assert_int_equal(mlx5x_link_begin(&port, pairs), 0);
	assert_false(is_up);
	mlx5x_link_end(&port);
	assert_int_equal(mlx5x_link_begin(&port, pairs), 0);
	assert_false(is_up);
	assert_int_equal(mlx5x_set_link_up(&dev), 0);
	assert_true(is_up);
	mlx5x_link_end(&port);
	destroy_pairs();
	create_pairs(PAIRS);
	/* Of a stopped port, it is a setting alone. */
	assert_int_equal(mlx5x_set_link_down(&dev), 0);
	assert_int_equal(mlx5x_set_link_up(&dev), 0);
	assert_false(is_up);
	assert_int_equal(mlx5x_link_begin(&port, pairs), 0);
	assert_true(is_up);
}

static void
a_wire_that_fails_leaves_it_down(void **state)
{
	up_error = -EIO;
	assert_int_equal(mlx5x_link_begin(&port, pairs), -EIO);
	assert_null(port.started);
	up_error = 0;
	assert_int_equal(mlx5x_link_begin(&port, pairs), 0);
	assert_int_equal(mlx5x_set_link_down(&dev), 0);
	up_error = -EIO;
	assert_int_equal(mlx5x_set_link_up(&dev), -EIO);
	assert_true(log_has("port: cannot set the link up: Input/output error"));
	nb_prepared = 0;
	up_error = 0;
	prepare_error = -ENOMEM;
	assert_int_equal(mlx5x_set_link_up(&dev), -ENOMEM);
	assert_int_equal(nb_prepared, 2);
	assert_false(is_up);
	/* Not that of a wire that is not up. */
	mlx5x_link_end(&port);
	assert_null(port.started);
}

/* For an other end with more queues. They are of the link as all others. */
static void
pairs_of_the_wire_go_down_and_up(void **state)
{
	unsigned int i;

	nb_added = 2;
	assert_int_equal(mlx5x_link_begin(&port, pairs), 0);
	assert_int_equal(mlx5x_set_link_down(&dev), 0);
	for (i = 0; i < PAIRS + 2; i++)
		assert_int_equal(pairs[i].state, MLX5X_PAIR_CONNECTED);
	/* The other end has still more of them now. */
	nb_added = 1;
	assert_int_equal(mlx5x_set_link_up(&dev), 0);
	assert_int_equal(nb_prepared, PAIRS + 2);
	assert_int_equal(nb_pairs, PAIRS + 3);
	assert_int_equal(mlx5x_set_link_down(&dev), 0);
	/* Also those of an attempt that failed. */
	up_error = -EIO;
	assert_int_equal(mlx5x_set_link_up(&dev), -EIO);
	nb_prepared = up_error = nb_added = 0;
	assert_int_equal(mlx5x_set_link_up(&dev), 0);
	assert_int_equal(nb_prepared, PAIRS + 4);
}

/* All pairs that a port can have. */
static void
the_array_may_be_full(void **state)
{
	create_pairs(MLX5X_PORT_PAIRS);
	assert_int_equal(mlx5x_link_begin(&port, pairs), 0);
	assert_int_equal(mlx5x_set_link_down(&dev), 0);
	assert_int_equal(mlx5x_set_link_up(&dev), 0);
	assert_int_equal(nb_prepared, MLX5X_PORT_PAIRS);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, log_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_link_goes_down_and_up),
		CASE(a_setting_outlives_the_start),
		CASE(a_wire_that_fails_leaves_it_down),
		CASE(pairs_of_the_wire_go_down_and_up),
		CASE(the_array_may_be_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
