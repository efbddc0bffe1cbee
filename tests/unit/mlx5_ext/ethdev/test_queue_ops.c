/* SPDX-License-Identifier: BSD-3-Clause */
/* queue_ops.c: gates, waiting frames and posted packets of queues that are started and stopped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "common/counter.h"
#include "ethdev/queue_ops.h"
#include "fake_pool.h"
#include "queue/rxq.h"
#include "queue/tx_free.h"
#include "queue/txq.h"

#define MBUFS 100u

static struct rte_eth_dev_data data;
static struct rte_eth_dev dev = {.data = &data};
static struct mlx5x_mr_table mrs;
static struct mlx5x_rxq rxq, ring;	/* and a further one, which some tests add */
static struct mlx5x_txq txq;
static void *rx_queues[] = {&rxq}, *tx_queues[] = {&txq};
static struct ibv_cq cq;

static struct fake_pool pool;
static struct rte_mbuf mbufs[MBUFS];
static unsigned int waiting;	/* received frames; every third one is for another address */
static bool endless;
static unsigned int nb_reaps, completes_at, nb_sleeps;
static uint32_t freed_by_stop;

static uint16_t
rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	struct mlx5x_rxq_stats *stats;
	uint16_t kept = 0, i;

	assert_ptr_equal(queue, &rxq);
	assert_int_equal(rxq.user.gate.word, 0);
	assert_false(mlx5x_flag_read(&rxq.stopped));
	for (i = 0; i < n && (waiting != 0 || endless); i++) {
		stats = rxq.more != NULL && i % 2 == 0 ? &ring.stats : &rxq.stats;
		stats->packets++;
		stats->bytes += 60;
		if (waiting != 0 && waiting-- % 3 == 0)
			continue;
		assert_int_equal(fake_pool_get(&pool.mp, (void **)&pkts[kept], 1), 0);
		rte_mbuf_refcnt_set(pkts[kept++], 1);
	}
	return kept;
}

static void
tx_reap(struct mlx5x_txq *of)
{
	assert_int_equal(txq.user.gate.word, MLX5X_GATE_CLOSER);
	assert_int_not_equal(pthread_mutex_trylock(&mrs.lock), 0);
	if (++nb_reaps == completes_at)
		txq.done = txq.head;
}

static const struct mlx5x_datapath dp = {.rx_burst = rx_burst, .tx_reap = tx_reap};

uint32_t
mlx5x_tx_free(struct mlx5x_txq *of, uint32_t max)
{
	assert_int_equal(max, UINT32_MAX);
	freed_by_stop = txq.done - txq.freed;
	txq.freed = txq.done;
	return freed_by_stop;
}

void
rte_delay_us_sleep(unsigned int us)
{
	nb_sleeps++;
}

static int
set_up(void **state)
{
	unsigned int i;

	fake_pool_init(&pool);
	for (i = 0; i < MBUFS; i++) {
		mbufs[i] = (struct rte_mbuf){.pool = &pool.mp, .refcnt = 1, .nb_segs = 1};
		pool.stack[i] = &mbufs[i];
	}
	pool.nb_free = MBUFS;
	data = (struct rte_eth_dev_data){.rx_queues = rx_queues, .tx_queues = tx_queues,
		.nb_rx_queues = 1, .nb_tx_queues = 1};
	rxq = (struct mlx5x_rxq){.dp = &dp, .size = 64, .room = 64, .mrs = &mrs};
	ring = (struct mlx5x_rxq){.owner = &rxq};
	txq = (struct mlx5x_txq){.dp = &dp, .size = 64, .mrs = &mrs, .cq = &cq};
	pthread_mutex_init(&mrs.lock, NULL);
	waiting = nb_reaps = completes_at = nb_sleeps = 0;
	endless = false;
	return 0;
}

static void
a_stopped_queue_has_a_closed_gate(void **state)
{
	assert_int_equal(mlx5x_rx_queue_stop(&dev, 0), 0);
	assert_false(mlx5x_gate_enter(&rxq.user.gate));
	assert_int_equal(data.rx_queue_state[0], RTE_ETH_QUEUE_STATE_STOPPED);
	assert_int_equal(mlx5x_rx_queue_stop(&dev, 0), 0);
	assert_int_equal(mlx5x_rx_queue_start(&dev, 0), 0);
	assert_int_equal(rxq.user.gate.word, 0);
	assert_int_equal(data.rx_queue_state[0], RTE_ETH_QUEUE_STATE_STARTED);
	assert_int_equal(mlx5x_rx_queue_start(&dev, 0), 0);
	assert_int_equal(rxq.user.gate.word, 0);
	assert_int_equal(mlx5x_tx_queue_stop(&dev, 0), 0);
	assert_int_equal(mlx5x_tx_queue_stop(&dev, 0), 0);
	assert_false(mlx5x_gate_enter(&txq.user.gate));
	assert_int_equal(data.tx_queue_state[0], RTE_ETH_QUEUE_STATE_STOPPED);
	assert_int_equal(mlx5x_tx_queue_start(&dev, 0), 0);
	assert_int_equal(txq.user.gate.word, 0);
	assert_int_equal(data.tx_queue_state[0], RTE_ETH_QUEUE_STATE_STARTED);
}

/* The pair of a port without link keeps its gates closed as well. */
static void
a_start_opens_no_gate_of_others(void **state)
{
	mlx5x_gate_close(&txq.user.gate);
	assert_int_equal(mlx5x_tx_queue_start(&dev, 0), 0);
	assert_false(mlx5x_gate_enter(&txq.user.gate));
	mlx5x_gate_open(&txq.user.gate);
	assert_true(mlx5x_gate_enter(&txq.user.gate));
}

static void
frames_that_came_meanwhile_are_lost_and_counted(void **state)
{
	rxq.stats = (struct mlx5x_rxq_stats){.packets = 1000, .bytes = 60000, .lost = 5};
	assert_int_equal(mlx5x_rx_queue_stop(&dev, 0), 0);
	waiting = 50;
	assert_int_equal(mlx5x_rx_queue_start(&dev, 0), 0);
	assert_int_equal(waiting, 0);
	assert_int_equal(rxq.stats.lost, 55);
	assert_int_equal(rxq.stats.packets, 1000);
	assert_int_equal(rxq.stats.bytes, 60000);
	assert_int_equal(pool.nb_free, MBUFS);
	/* Of a queue that was not stopped, none is. */
	waiting = 3;
	assert_int_equal(mlx5x_rx_queue_start(&dev, 0), 0);
	assert_int_equal(waiting, 3);
}

/* The application sees their sums. */
static void
frames_of_all_rings_are_lost_and_counted(void **state)
{
	rxq.more = &ring;
	rxq.stats = (struct mlx5x_rxq_stats){.packets = 3, .bytes = 180};
	ring.stats = (struct mlx5x_rxq_stats){.packets = 4, .bytes = 240};
	assert_int_equal(mlx5x_rx_queue_stop(&dev, 0), 0);
	waiting = 50;
	assert_int_equal(mlx5x_rx_queue_start(&dev, 0), 0);
	assert_int_equal(waiting, 0);
	assert_int_equal(rxq.stats.lost + ring.stats.lost, 50);
	assert_int_equal(rxq.stats.packets + ring.stats.packets, 7);
	assert_int_equal(rxq.stats.bytes + ring.stats.bytes, 420);
	assert_int_equal(pool.nb_free, MBUFS);
}

static void
traffic_does_not_hold_up_a_start(void **state)
{
	assert_int_equal(mlx5x_rx_queue_stop(&dev, 0), 0);
	endless = true;
	assert_int_equal(mlx5x_rx_queue_start(&dev, 0), 0);
	assert_int_equal(rxq.stats.lost, 64);
	/* Nor if half of it has come by a further ring. */
	rxq.more = &ring;
	assert_int_equal(mlx5x_rx_queue_stop(&dev, 0), 0);
	assert_int_equal(mlx5x_rx_queue_start(&dev, 0), 0);
	assert_int_equal(rxq.stats.lost, 128);
}

static void
a_stop_waits_for_posted_packets(void **state)
{
	txq.head = 40;
	txq.done = txq.freed = 10;
	completes_at = 7;
	assert_int_equal(mlx5x_tx_queue_stop(&dev, 0), 0);
	assert_int_equal(nb_sleeps, 6);
	assert_int_equal(freed_by_stop, 30);
}

/* The other end of a reliable wire may not receive. */
static void
but_not_for_ever(void **state)
{
	txq.head = 40;
	assert_int_equal(mlx5x_tx_queue_stop(&dev, 0), 0);
	assert_int_equal(nb_sleeps, 1000);
	assert_int_equal(freed_by_stop, 0);
	/* Nor may the CQ be polled while the pair is being recovered. */
	assert_int_equal(mlx5x_tx_queue_start(&dev, 0), 0);
	txq.cq = NULL;
	nb_reaps = 0;
	assert_int_equal(mlx5x_tx_queue_stop(&dev, 0), 0);
	assert_int_equal(nb_reaps, 0);
}

static void
queues_start_with_the_port_or_later(void **state)
{
	txq.deferred = true;
	mlx5x_queues_begin(&dev);
	mlx5x_queues_started(&dev);
	assert_int_equal(data.rx_queue_state[0], RTE_ETH_QUEUE_STATE_STARTED);
	assert_int_equal(data.tx_queue_state[0], RTE_ETH_QUEUE_STATE_STOPPED);
	assert_int_equal(rxq.user.gate.word, 0);
	assert_false(mlx5x_gate_enter(&txq.user.gate));
	assert_int_equal(mlx5x_tx_queue_start(&dev, 0), 0);
	assert_int_equal(mlx5x_rx_queue_stop(&dev, 0), 0);
	/* A stop of the port, and another start: as configured. */
	mlx5x_queues_stopped(&dev);
	assert_int_equal(data.rx_queue_state[0], RTE_ETH_QUEUE_STATE_STOPPED);
	mlx5x_queues_begin(&dev);
	mlx5x_queues_started(&dev);
	assert_int_equal(data.rx_queue_state[0], RTE_ETH_QUEUE_STATE_STARTED);
	assert_int_equal(data.tx_queue_state[0], RTE_ETH_QUEUE_STATE_STOPPED);
	assert_int_equal(rxq.user.gate.word, 0);
	assert_int_equal(txq.user.gate.word, MLX5X_GATE_CLOSER);
}

#define CASE(f) cmocka_unit_test_setup(f, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_stopped_queue_has_a_closed_gate),
		CASE(a_start_opens_no_gate_of_others),
		CASE(frames_that_came_meanwhile_are_lost_and_counted),
		CASE(frames_of_all_rings_are_lost_and_counted),
		CASE(traffic_does_not_hold_up_a_start),
		CASE(a_stop_waits_for_posted_packets),
		CASE(but_not_for_ever),
		CASE(queues_start_with_the_port_or_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
