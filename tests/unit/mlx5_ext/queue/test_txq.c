/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Mbufs of completed packets are freed: each to its mempool, once, in the state of a newly
 * allocated one.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ethdev_driver.h>
#include <rte_malloc.h>

#include "ethdev/tx_cleanup.h"
#include "fake_pool.h"
#include "queue/recover.h"
#include "queue/tx_free.h"
#include "queue/txq.h"
#include "queue/wire.h"

#define SIZE 16u
#define MBUFS (3 * SIZE)

static struct fake_pool pools[2];
static struct rte_mbuf mbufs[MBUFS], *elts[SIZE];
static struct mlx5x_tx_run runs[SIZE];
#define TAILS 32u
static struct rte_mbuf *tails[TAILS];
static struct mlx5x_txq txq;
static unsigned int nb_ext_freed;

static unsigned int nb_recovered;
static uint32_t completed;	/* completions not polled yet */
static bool error_among_them;

/* The device releases its packets, as in a recovery. */
void
mlx5x_recover(struct mlx5x_port *port, uint16_t index)
{
	assert_int_equal(txq.user.gate.word & MLX5X_GATE_INSIDE, 0);
	nb_recovered++;
	mlx5x_txq_forgive(&txq);
	txq.done = txq.head;
}

static void
reap(struct mlx5x_txq *queue)
{
	assert_int_equal(queue->user.gate.word, MLX5X_GATE_INSIDE);
	queue->done += completed;
	completed = 0;
	if (error_among_them)
		mlx5x_txq_fail(queue);
	error_among_them = false;
}

static void
discard(struct mlx5x_txq *queue)
{
	queue->done += completed;
	completed = 0;
}

static const struct mlx5x_datapath dp = {.tx_reap = reap, .tx_discard = discard};

/* A queue that the driver has made. */
static struct mlx5x_txq *queue;
static const struct mlx5x_datapath apart_dp = {.takes_apart = true};
static const struct mlx5x_wire wire = {.dp = &apart_dp};
static struct mlx5x_port port = {.wire = &wire, .caps.max_sge = 4};
static void *queues[1];
static struct rte_eth_dev_data data = {.dev_private = &port, .tx_queues = queues};
static struct rte_eth_dev dev = {.data = &data};

void *
rte_zmalloc_socket(const char *type, size_t size, unsigned int align, int socket)
{
	return calloc(1, size);
}

void *
rte_calloc_socket(const char *type, size_t n, size_t size, unsigned int align, int socket)
{
	return calloc(n, size);
}

void
rte_free(void *memory)
{
	free(memory);
}

static void
make_queue(void)
{
	const struct rte_eth_txconf conf = {.offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS};

	assert_int_equal(mlx5x_txq_setup(&dev, 0, SIZE, 0, &conf), 0);
	queue = queues[0];
}

static void
free_queue(void)
{
	mlx5x_txq_release(&dev, 0);
}

static void
ext_freed(void *addr, void *opaque)
{
	nb_ext_freed++;
}

static int
set_up(void **state)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(pools); i++)
		fake_pool_init(&pools[i]);
	memset(mbufs, 0, sizeof(mbufs));
	for (i = 0; i < MBUFS; i++) {
		mbufs[i].pool = &pools[0].mp;
		mbufs[i].nb_segs = mbufs[i].refcnt = 1;
	}
	memset(elts, 0, sizeof(elts));
	memset(&txq, 0, sizeof(txq));
	txq.elts = elts;
	txq.runs.ring = runs;
	txq.size = SIZE;
	txq.tails = (struct mlx5x_tx_tails){.ring = tails, .size = TAILS};
	txq.dp = &dp;
	nb_ext_freed = nb_recovered = completed = 0;
	error_among_them = false;
	return 0;
}

/* Adds the packets as a burst does, in chunks that do not wrap in the ring. */
static void
post(struct rte_mbuf **pkts, uint32_t n)
{
	uint32_t chunk, i;
	bool odd;

	for (; n != 0; n -= chunk, pkts += chunk) {
		chunk = RTE_MIN(n, SIZE - txq.head % SIZE);
		odd = false;
		for (i = 0; i < chunk; i++) {
			elts[(txq.head + i) % SIZE] = pkts[i];
			odd |= !mlx5x_tx_is_plain(pkts[i], pkts[0]->pool);
		}
		if (!odd || txq.fast_free)
			mlx5x_tx_keep(&txq, chunk, pkts[0]->pool);
		else
			mlx5x_tx_keep_others(&txq, chunk, 0, NULL);
	}
}

/* Completes the packets, from the ring's present position. */
static void
complete(struct rte_mbuf **pkts, uint32_t n)
{
	post(pkts, n);
	txq.done = txq.head;
	assert_int_equal(mlx5x_tx_free(&txq, UINT32_MAX), n);
	assert_int_equal(txq.freed, txq.head);
	assert_int_equal(mlx5x_tx_free(&txq, UINT32_MAX), 0);
}

static void
complete_first(uint32_t n)
{
	struct rte_mbuf *pkts[SIZE];
	uint32_t i;

	for (i = 0; i < n; i++)
		pkts[i] = &mbufs[i];
	complete(pkts, n);
}

static void
plain_packets_are_freed_together(void **state)
{
	complete_first(10);
	assert_int_equal(pools[0].nb_free, 10);
	assert_int_equal(pools[0].nb_puts, 1);
	assert_ptr_equal(pools[0].stack[9], &mbufs[9]);
}

/* Bursts of single packets, of two pools in turn: a call for each run of a pool. */
static void
small_bursts_of_a_pool_are_freed_together(void **state)
{
	struct rte_mbuf *pkt;
	unsigned int i;

	for (i = 0; i < 9; i++) {
		mbufs[i].pool = &pools[i >= 3 && i < 6].mp;
		pkt = &mbufs[i];
		post(&pkt, 1);
	}
	completed = 9;
	assert_int_equal(mlx5x_tx_cleanup(&txq, 2), 2);
	assert_int_equal(mlx5x_tx_cleanup(&txq, 0), 7);
	assert_int_equal(pools[0].nb_free, 6);
	assert_int_equal(pools[0].nb_puts, 3);
	assert_int_equal(pools[1].nb_puts, 1);
	/* An ended run is not extended. */
	pkt = &mbufs[10];
	post(&pkt, 1);
	completed = 1;
	assert_int_equal(mlx5x_tx_cleanup(&txq, 0), 1);
	assert_ptr_equal(pools[0].stack[6], &mbufs[10]);
}

static void
at_the_end_they_are_split(void **state)
{
	txq.head = txq.done = txq.freed = UINT32_MAX - 2;
	complete_first(10);
	assert_int_equal(pools[0].nb_free, 10);
	assert_int_equal(pools[0].nb_puts, 2);
}

static void
each_goes_to_its_own_pool(void **state)
{
	unsigned int i;

	for (i = 4; i < 7; i++)
		mbufs[i].pool = &pools[1].mp;
	complete_first(10);
	assert_int_equal(pools[0].nb_free, 7);
	assert_int_equal(pools[1].nb_free, 3);
	assert_ptr_equal(pools[1].stack[0], &mbufs[4]);
}

static void
chains_are_freed_segment_by_segment(void **state)
{
	unsigned int i;

	mbufs[1].nb_segs = 3;
	mbufs[1].next = &mbufs[20];
	mbufs[20].next = &mbufs[21];
	mbufs[21].pool = &pools[1].mp;
	complete_first(3);
	assert_int_equal(pools[0].nb_free, 4);
	assert_int_equal(pools[1].nb_free, 1);
	for (i = 0; i < MBUFS; i++) {
		assert_null(mbufs[i].next);
		assert_int_equal(mbufs[i].nb_segs, 1);
	}
}

static void
long_chains_are_freed_completely(void **state)
{
	unsigned int i;

	mbufs[0].nb_segs = MBUFS;
	for (i = 1; i < MBUFS; i++)
		mbufs[i - 1].next = &mbufs[i];
	complete_first(1);
	assert_int_equal(pools[0].nb_free, MBUFS);
}

static void
an_object_held_by_another_stays(void **state)
{
	mbufs[2].refcnt = 2;
	complete_first(5);
	assert_int_equal(pools[0].nb_free, 4);
	assert_int_equal(mbufs[2].refcnt, 1);
}

static void
external_buffers_are_detached(void **state)
{
	struct rte_mbuf_ext_shared_info shared = {.free_cb = ext_freed, .refcnt = 1};

	/* Not the first one: detach reads the header that a mempool has before each mbuf. */
	mbufs[1].ol_flags = RTE_MBUF_F_EXTERNAL;
	mbufs[1].shinfo = &shared;
	complete_first(2);
	assert_int_equal(nb_ext_freed, 1);
	assert_int_equal(pools[0].nb_free, 2);
	assert_int_equal(mbufs[1].ol_flags, 0);
}

static void
fast_free_reads_nothing_but_the_pool(void **state)
{
	txq.fast_free = true;
	txq.head = txq.done = txq.freed = 12;
	complete_first(8);
	assert_int_equal(pools[0].nb_free, 8);
	assert_int_equal(pools[0].nb_puts, 2);
}

/* The device has the first n mbufs. */
static void
post_first(uint32_t n)
{
	struct rte_mbuf *pkts[SIZE];
	uint32_t i;

	for (i = 0; i < n; i++)
		pkts[i] = &mbufs[i];
	post(pkts, n);
}

static void
cleanup_frees_the_requested_number(void **state)
{
	txq.head = txq.done = txq.freed = UINT32_MAX - 2;
	post_first(10);
	completed = 8;
	assert_int_equal(mlx5x_tx_cleanup(&txq, 1), 1);
	assert_int_equal(pools[0].nb_free, 1);
	assert_ptr_equal(pools[0].stack[0], &mbufs[0]);
	/* Across the end of the ring. */
	assert_int_equal(mlx5x_tx_cleanup(&txq, 5), 5);
	assert_int_equal(pools[0].nb_free, 6);
	assert_int_equal(mlx5x_tx_cleanup(&txq, 100), 2);
	assert_int_equal(mlx5x_tx_cleanup(&txq, 0), 0);
	completed = 2;
	assert_int_equal(mlx5x_tx_cleanup(&txq, 0), 2);
	assert_int_equal(pools[0].nb_free, 10);
}

static void
cleanup_counts_packets_and_not_segments(void **state)
{
	mbufs[0].nb_segs = 2;
	mbufs[0].next = &mbufs[20];
	post_first(2);
	completed = 2;
	assert_int_equal(mlx5x_tx_cleanup(&txq, 1), 1);
	assert_int_equal(pools[0].nb_free, 2);
	assert_int_equal(mlx5x_tx_cleanup(&txq, 1), 1);
	assert_int_equal(pools[0].nb_free, 3);
}

static void
cleanup_recovers_from_an_error(void **state)
{
	bool told = false;

	txq.tell = &told;
	post_first(5);
	completed = 2;
	error_among_them = true;
	assert_int_equal(mlx5x_tx_cleanup(&txq, 0), 5);
	assert_int_equal(nb_recovered, 1);
	assert_int_equal(mlx5x_tx_cleanup(&txq, 0), 0);
	assert_int_equal(nb_recovered, 1);
	assert_false(told);
}

/* The cable is disconnected: released packets can be freed, and the device is not polled. */
static void
cleanup_frees_also_behind_a_closed_gate(void **state)
{
	mlx5x_gate_shut(&txq.user.gate);
	post_first(5);
	completed = 1;
	txq.done = 3;
	assert_int_equal(mlx5x_tx_cleanup(&txq, 0), 3);
	assert_int_equal(completed, 1);
}

static void
completed_packets_are_not_abandoned(void **state)
{
	txq.head = 7;
	completed = 3;
	assert_int_equal(mlx5x_txq_abandon(&txq), 4);
	assert_int_equal(txq.done, 7);
}

/* A burst has taken chains of three apart: the first segments are the first n mbufs. */
static void
post_apart(uint32_t first, uint32_t n, struct rte_mempool *pool)
{
	uint32_t i;

	for (i = first; i < first + n; i++) {
		elts[txq.head % SIZE + i - first] = &mbufs[i];
		tails[txq.tails.head++ % TAILS] = &mbufs[SIZE + 2 * i];
		tails[txq.tails.head++ % TAILS] = &mbufs[SIZE + 2 * i + 1];
	}
	mlx5x_tx_keep_others(&txq, n, 2 * n, pool);
}

/* Also where these wrap in their ring. */
static void
tails_are_freed_with_the_last_packet(void **state)
{
	txq.tails.head = txq.tails.tail = TAILS - 3;
	post_apart(0, 4, &pools[0].mp);
	completed = 4;
	assert_int_equal(mlx5x_tx_cleanup(&txq, 3), 3);
	assert_int_equal(pools[0].nb_free, 3);
	assert_int_equal(mlx5x_tx_cleanup(&txq, 0), 1);
	assert_int_equal(pools[0].nb_free, 12);
	assert_ptr_equal(pools[0].stack[3], &mbufs[3]);
	assert_ptr_equal(pools[0].stack[4], &mbufs[SIZE]);
	assert_ptr_equal(pools[0].stack[11], &mbufs[SIZE + 7]);
	assert_int_equal(txq.tails.tail, txq.tails.head);
}

/* Among packets that are not plain too. */
static void
tails_of_any_run_are_freed(void **state)
{
	mbufs[1].pool = mbufs[SIZE + 1].pool = &pools[1].mp;
	post_apart(0, 2, NULL);
	post_apart(2, 2, &pools[0].mp);
	completed = 4;
	assert_int_equal(mlx5x_tx_cleanup(&txq, 0), 4);
	assert_int_equal(pools[0].nb_free, 10);
	assert_int_equal(pools[1].nb_free, 2);
	assert_int_equal(txq.tails.tail, txq.tails.head);
}

/* By the queue, of a buffer at this address. */
static bool
owns(uintptr_t at)
{
	const struct mlx5x_range range = {at, 1};

	return queue->user.owns(&queue->user, &range);
}

static void
tails_are_owned_until_they_are_done(void **state)
{
	uint32_t i;

	make_queue();
	for (i = 0; i < MBUFS; i++) {
		mbufs[i].buf_addr = (void *)(uintptr_t)(0x10000 * (i + 1));
		mbufs[i].data_len = 1;
	}
	for (i = 0; i < 3; i++) {
		queue->elts[i] = &mbufs[i];
		queue->tails.ring[queue->tails.head++] = &mbufs[10 + i];
		mlx5x_tx_keep_others(queue, 1, 1, &pools[0].mp);
	}
	for (i = 0; i < 3; i++) {
		assert_true(owns((uintptr_t)mbufs[2].buf_addr));
		assert_true(owns((uintptr_t)mbufs[12].buf_addr));
		assert_int_equal(owns((uintptr_t)mbufs[10].buf_addr), i < 1);
		assert_int_equal(owns((uintptr_t)mbufs[11].buf_addr), i < 2);
		queue->done++;
	}
	assert_false(owns((uintptr_t)mbufs[2].buf_addr));
	assert_false(owns((uintptr_t)mbufs[12].buf_addr));
	free_queue();
}

#define CASE(f) cmocka_unit_test_setup(f, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(plain_packets_are_freed_together),
		CASE(small_bursts_of_a_pool_are_freed_together),
		CASE(at_the_end_they_are_split),
		CASE(each_goes_to_its_own_pool),
		CASE(chains_are_freed_segment_by_segment),
		CASE(long_chains_are_freed_completely),
		CASE(an_object_held_by_another_stays),
		CASE(external_buffers_are_detached),
		CASE(fast_free_reads_nothing_but_the_pool),
		CASE(cleanup_frees_the_requested_number),
		CASE(cleanup_counts_packets_and_not_segments),
		CASE(cleanup_recovers_from_an_error),
		CASE(cleanup_frees_also_behind_a_closed_gate),
		CASE(completed_packets_are_not_abandoned),
		CASE(tails_are_freed_with_the_last_packet),
		CASE(tails_of_any_run_are_freed),
		CASE(tails_are_owned_until_they_are_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
