/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The cost of a buffer without an lkey for the receive burst: allocations and look-ups. rxq.c and
 * miss.c behind rx_burst.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include <ethdev_driver.h>

#include "datapath/rx_burst.h"
#include "log_lines.h"
#include "mr/implicit.h"

int mlx5x_logtype;

#define SIZE 64

static struct mlx5x_mr_table table;
static struct rte_eth_dev_data data = {.name = "fake"};
static struct rte_eth_dev dev = {.data = &data};
static struct mlx5x_port port = {.dev = &dev, .mrs = &table};
static struct rte_mempool pool = {.name = "pool"};
static struct mlx5x_rxq rxq;

static unsigned int fills, attempts, keyless;
static uintptr_t next_addr;
static int answer;

/* EAL, which measures it, is not initialized here. */
uint64_t
rte_get_tsc_hz(void)
{
	return UINT64_C(100000000000);
}

void
mlx5x_recover(struct mlx5x_port *p, uint16_t index)
{
}

int
mlx5x_implicit_pool(const struct mlx5x_implicit *i, struct rte_mempool *which)
{
	return 0;
}

int
mlx5x_implicit_buffer(const struct mlx5x_implicit *i, struct rte_mempool *which,
	const struct mlx5x_range *buffer, struct mlx5x_range *failed)
{
	assert_int_equal(buffer->start, next_addr);
	attempts++;
	*failed = (struct mlx5x_range){0, 10000};
	return answer;
}

static uint16_t
receive(struct mlx5x_rxq *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return 0;
}

/* `keyless` buffers have no lkey; then the ring is full. */
static void
fill(struct mlx5x_rxq *queue)
{
	fills++;
	if (keyless == 0) {
		queue->pi = queue->ci + queue->size;
		return;
	}
	keyless--;
	queue->miss.addr = next_addr;
	mlx5x_flag_set(&queue->missed, true);
}

static void
burst(unsigned int n)
{
	struct rte_mbuf *pkts[1];

	while (n-- != 0)
		assert_int_equal(mlx5x_rx_burst(&rxq, pkts, 1, receive, fill), 0);
}

static int
set_up(void **state)
{
	table = (struct mlx5x_mr_table){0};
	rxq = (struct mlx5x_rxq){
		.port = &port, .mrs = &table, .pool = &pool, .size = SIZE, .room = SIZE, .data_room = 100};
	fills = attempts = 0;
	keyless = 1000;
	next_addr = 500;
	answer = -EFAULT;
	log_open();
	return 0;
}

static void
a_registered_buffer_delays_nothing(void **state)
{
	answer = 0;
	keyless = 1;
	burst(1);
	assert_int_equal(attempts, 1);
	assert_false(rxq.missed);
	burst(1);
	assert_int_equal(attempts, 1);
	assert_int_equal(fills, 2);
	assert_int_equal(rxq.pi, SIZE);
	assert_false(rxq.missed);
	mlx5x_rxq_tell(&rxq);
	assert_int_equal(count_lines(), 0);
}

static void
a_key_is_looked_up_once(void **state)
{
	burst(100 * MLX5X_MISS_PAUSE);
	assert_int_equal(fills, 100);
	assert_int_equal(attempts, 1);
	/* A log line costs more than a burst may. */
	assert_int_equal(count_lines(), 0);
	mlx5x_rxq_tell(&rxq);
	mlx5x_rxq_tell(&rxq);
	assert_int_equal(count_lines(), 1);
	assert_true(log_has("cannot post buffers of pool 'pool' on memory that has no lkey, or two"));
}

static void
another_buffer_is_tried_a_pause_later(void **state)
{
	burst(1);
	assert_true(rxq.missed);
	keyless = 0;
	burst(MLX5X_MISS_PAUSE - 1);
	assert_int_equal(fills, 1);
	burst(1);
	assert_int_equal(fills, 2);
	assert_int_equal(rxq.pi, SIZE);
	assert_false(rxq.missed);
	/* And the state is as before. */
	rxq.pi = 0;
	burst(1);
	assert_int_equal(fills, 3);
}

static void
added_memory_is_tried(void **state)
{
	burst(1);
	table.losses++;
	answer = 0;
	keyless = 1;
	burst(MLX5X_MISS_PAUSE + 1);
	assert_int_equal(attempts, 2);
	assert_false(rxq.missed);
	assert_int_equal(rxq.pi, SIZE);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, log_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_registered_buffer_delays_nothing),
		CASE(a_key_is_looked_up_once),
		CASE(another_buffer_is_tried_a_pause_later),
		CASE(added_memory_is_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
