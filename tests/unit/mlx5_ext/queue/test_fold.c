/* SPDX-License-Identifier: BSD-3-Clause */
/* The pairs of a port for another end with other numbers of queues; pairs and rings are fakes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>
#include <ethdev_driver.h>
#include <rte_common.h>

#include "queue/fold.h"
#include "queue/pair.h"
#include "queue/rxq.h"
#include "queue/txq.h"
#include "queue/wire.h"

#define MAX_QUEUES 64
#define DESC 256u

static struct mlx5x_rxq rxqs[MAX_QUEUES], rings[MAX_QUEUES];
static struct mlx5x_txq txqs[MAX_QUEUES];
static void *rx_queues[MAX_QUEUES], *tx_queues[MAX_QUEUES];
static struct rte_eth_dev_data data;
static struct rte_eth_dev dev = {.data = &data};
static struct mlx5x_wire wire;
static struct mlx5x_port port;
static struct mlx5x_pair pairs[MLX5X_PORT_PAIRS];
static int calls_left, nb_live, nb_resizes, nb_ready;
static uint32_t in_use, most_in_use;	/* slots of all rings */

static int
try(void)
{
	return calls_left < 0 || calls_left-- > 0 ? 0 : -ENOSPC;
}

/* A ring of index i is that one, whichever queue it belongs to. */
int
mlx5x_rxq_add_ring(struct mlx5x_rxq *rxq, uint16_t index, uint32_t room, struct mlx5x_rxq **ring)
{
	if (try() != 0)
		return -ENOSPC;
	rings[index].owner = rxq;
	rings[index].index = index;
	rings[index].room = room;
	*ring = &rings[index];
	return 0;
}

int
mlx5x_rxq_prepare(struct mlx5x_rxq *rxq)
{
	assert_null(rxq->elts);
	if (try() != 0)
		return -ENOSPC;
	rxq->elts = (void *)rxq;
	rxq->size = rxq->room;
	return 0;
}

void
mlx5x_rxq_drain(struct mlx5x_rxq *rxq)
{
	rxq->elts = NULL;
}

int
mlx5x_pair_create(struct mlx5x_pair *pair, struct mlx5x_port *of, struct mlx5x_rxq *rxq,
	struct mlx5x_txq *txq)
{
	assert_null(pair->port);
	if (try() != 0)
		return -ENOSPC;
	*pair = (struct mlx5x_pair){.port = of, .rxq = rxq, .txq = txq};
	nb_live++;
	return 0;
}

/* The CQ of a further ring has the channel of its owner, whose pair must be there still. */
void
mlx5x_pair_destroy(struct mlx5x_pair *pair)
{
	if (pair->port == NULL)
		return;
	if (pair->rxq != NULL && pair->rxq->owner != NULL) {
		assert_non_null(pairs[pair->rxq->owner->index].port);
		pair->rxq->elts = NULL;
	}
	*pair = (struct mlx5x_pair){0};
	nb_live--;
}

static void
count_slots(uint32_t more, uint32_t less)
{
	in_use += more - less;
	most_in_use = RTE_MAX(most_in_use, in_use);
}

int
mlx5x_pair_prepare(struct mlx5x_pair *pair)
{
	assert_int_equal(pthread_mutex_trylock(&port.lock), EBUSY);
	if (try() != 0)
		return -ENOSPC;
	pair->state = MLX5X_PAIR_INIT;
	nb_ready++;
	if (pair->rxq != NULL)
		count_slots(pair->rxq->size, 0);
	return 0;
}

int
mlx5x_pair_resize(struct mlx5x_pair *pair, uint32_t size)
{
	assert_int_equal(pthread_mutex_trylock(&port.lock), EBUSY);
	assert_int_equal(pair->state, MLX5X_PAIR_INIT);
	assert_true(size <= pair->rxq->room);
	nb_resizes++;
	count_slots(size, pair->rxq->size);
	pair->rxq->size = size;
	return try();
}

static int
set_up(void **state)
{
	int i;

	wire = (struct mlx5x_wire){.cable = true};
	data = (struct rte_eth_dev_data){.rx_queues = rx_queues, .tx_queues = tx_queues};
	port = (struct mlx5x_port){.dev = &dev, .wire = &wire, .pairs = pairs,
		.lock = PTHREAD_MUTEX_INITIALIZER};
	memset(pairs, 0, sizeof(pairs));
	memset(rings, 0, sizeof(rings));
	for (i = 0; i < MAX_QUEUES; i++) {
		rxqs[i] = (struct mlx5x_rxq){.index = i, .room = DESC, .size = DESC};
		rx_queues[i] = &rxqs[i];
		tx_queues[i] = &txqs[i];
	}
	calls_left = -1;
	nb_live = nb_resizes = nb_ready = 0;
	in_use = most_in_use = 0;
	return 0;
}

static int
tear_down(void **state)
{
	int i;

	mlx5x_fold_destroy(pairs);
	assert_int_equal(nb_live, 0);
	for (i = 0; i < MAX_QUEUES; i++)
		assert_null(rings[i].elts);
	return 0;
}

/* As ethdev.c does. */
static int
start(uint16_t nb_rx, uint16_t nb_tx)
{
	uint16_t n = RTE_MAX(nb_rx, nb_tx), i;
	int ret = 0;

	data.nb_rx_queues = nb_rx;
	data.nb_tx_queues = nb_tx;
	for (i = 0; i < n && ret == 0; i++)
		ret = mlx5x_fold_create(&port, pairs, i);
	pthread_mutex_lock(&port.lock);
	for (i = 0; i < n && ret == 0; i++)
		ret = mlx5x_pair_prepare(&pairs[i]);
	pthread_mutex_unlock(&port.lock);
	port.nb_pairs = n;
	return ret;
}

/* Each Tx queue of the other end has a ring, of the Rx queue that is its own modulo ours. */
static void
check_pairs(uint16_t nb_rx, uint16_t nb_tx, uint16_t tx_there)
{
	const struct mlx5x_rxq *rxq;
	uint16_t i;

	assert_int_equal(port.nb_joined, RTE_MAX(nb_tx, tx_there));
	assert_uint_in_range(port.nb_pairs, port.nb_joined, MLX5X_PORT_PAIRS);
	for (i = 0; i < port.nb_joined; i++) {
		rxq = pairs[i].rxq;
		assert_int_equal(pairs[i].state, MLX5X_PAIR_INIT);
		assert_ptr_equal(pairs[i].txq, i < nb_tx ? &txqs[i] : NULL);
		if (i < nb_rx)
			assert_ptr_equal(rxq, &rxqs[i]);
		else
			assert_ptr_equal(rxq->owner, &rxqs[i % nb_rx]);
		if (i < tx_there)
			assert_uint_in_range(rxq->size, MLX5X_FOLD_SLOTS, DESC);
		else if (i >= nb_rx)
			assert_int_equal(rxq->size, 0);
	}
}

static void
all_numbers_of_queues_fit(void **state)
{
	uint16_t rx, tx, there;

	for (rx = 1; rx <= 5; rx++) {
		for (tx = 1; tx <= 5; tx++) {
			for (there = 1; there <= 5; there++) {
				set_up(NULL);
				assert_int_equal(start(rx, tx), 0);
				assert_int_equal(mlx5x_fold(&port, there), 0);
				check_pairs(rx, tx, there);
				/* No more buffers than the application has requested. */
				assert_uint_in_range(most_in_use, 0, rx * DESC);
				tear_down(NULL);
			}
		}
	}
}

static void
equal_numbers_change_nothing(void **state)
{
	assert_int_equal(start(4, 4), 0);
	assert_int_equal(nb_ready, 4);
	assert_int_equal(mlx5x_fold(&port, 4), 0);
	assert_int_equal(nb_ready, 4);
	assert_int_equal(nb_resizes, 0);
	assert_int_equal(port.nb_pairs, 4);
	assert_int_equal(in_use, 4 * DESC);
}

static void
rings_divide_the_descriptors(void **state)
{
	assert_int_equal(start(2, 2), 0);
	assert_int_equal(mlx5x_fold(&port, 5), 0);
	/* Pairs 0, 2 and 4; 1 and 3. */
	assert_int_equal(rxqs[0].size, DESC / 4);
	assert_int_equal(rings[2].size, DESC / 4);
	assert_int_equal(rings[4].size, DESC / 4);
	assert_int_equal(rxqs[1].size, DESC / 2);
	assert_int_equal(rings[3].size, DESC / 2);
	check_pairs(2, 2, 5);
}

static void
another_end_divides_them_again(void **state)
{
	assert_int_equal(start(1, 1), 0);
	assert_int_equal(mlx5x_fold(&port, 3), 0);
	check_pairs(1, 1, 3);
	assert_int_equal(mlx5x_fold(&port, 1), 0);
	check_pairs(1, 1, 1);
	assert_int_equal(rxqs[0].size, DESC);
	/* Rings that are not in use keep no buffer. */
	assert_int_equal(rings[1].size + rings[2].size, 0);
	assert_int_equal(port.nb_pairs, 3);
	assert_int_equal(mlx5x_fold(&port, 2), 0);
	assert_int_equal(rxqs[0].size + rings[1].size, DESC);
	assert_int_equal(rings[2].size, 0);
	assert_int_equal(most_in_use, DESC);
}

static void
short_rings_have_a_minimum(void **state)
{
	uint16_t i;

	rxqs[0].room = rxqs[0].size = 32;
	assert_int_equal(start(1, 1), 0);
	assert_int_equal(mlx5x_fold(&port, MLX5X_PORT_PAIRS), 0);
	check_pairs(1, 1, MLX5X_PORT_PAIRS);
	for (i = 1; i < MLX5X_PORT_PAIRS; i++)
		assert_int_equal(rings[i].size, MLX5X_FOLD_SLOTS);
}

/* The other end has no Rx queue for what this one sends, and nothing comes from there. */
static void
without_an_rx_queue_there_are_no_rings(void **state)
{
	assert_int_equal(start(0, 3), 0);
	assert_int_equal(mlx5x_fold(&port, 0), 0);
	assert_int_equal(port.nb_joined, 3);
	assert_null(pairs[2].rxq);
}

static void
other_wires_have_no_rings(void **state)
{
	wire.cable = false;
	assert_int_equal(start(1, 2), 0);
	assert_null(pairs[1].rxq);
	assert_int_equal(nb_live, 2);
}

static void
each_failing_step_can_be_repeated(void **state)
{
	int n, ret;

	for (n = 0; n < 100; n++) {
		assert_int_equal(start(1, 2), 0);
		calls_left = n;
		ret = mlx5x_fold(&port, 4);
		calls_left = -1;
		if (ret == 0)
			break;
		assert_int_equal(ret, -ENOSPC);
		assert_int_equal(nb_live, port.nb_pairs);
		assert_uint_in_range(port.nb_joined, 0, port.nb_pairs);
		assert_int_equal(mlx5x_fold(&port, 4), 0);
		check_pairs(1, 2, 4);
		tear_down(NULL);
		set_up(NULL);
	}
	/* Ring, its slots, pair and its preparation, twice; four rings change. */
	assert_int_equal(n, 12);
}

static void
each_failing_step_of_a_start_leaves_nothing(void **state)
{
	int n, ret;

	for (n = 0; n < 100; n++) {
		calls_left = n;
		ret = start(1, 3);
		calls_left = -1;
		if (ret == 0)
			break;
		assert_int_equal(ret, -ENOSPC);
		tear_down(NULL);
		set_up(NULL);
	}
	assert_int_equal(n, 3 + 2 * 2 + 3);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(all_numbers_of_queues_fit),
		CASE(equal_numbers_change_nothing),
		CASE(rings_divide_the_descriptors),
		CASE(another_end_divides_them_again),
		CASE(short_rings_have_a_minimum),
		CASE(without_an_rx_queue_there_are_no_rings),
		CASE(other_wires_have_no_rings),
		CASE(each_failing_step_can_be_repeated),
		CASE(each_failing_step_of_a_start_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
