/* SPDX-License-Identifier: BSD-3-Clause */
/* The cost of a packet without an lkey: the number of registration attempts. drop.c and miss.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include <ethdev_driver.h>

#include "datapath/drop.h"
#include "empty_index.h"
#include "log_lines.h"
#include "mr/implicit.h"
#include "queue/txq.h"

int mlx5x_logtype;

static struct mlx5x_mr_table table;
static struct rte_eth_dev_data data = {.name = "fake"};
static struct rte_eth_dev dev = {.data = &data};
static struct mlx5x_port port = {.dev = &dev, .mrs = &table};
static struct mlx5x_txq txq;
/* Holds a reference, so that a free only counts. */
static struct rte_mbuf pkt;

static unsigned int attempts;
static int answer;
static struct mlx5x_range answer_range;

int
mlx5x_implicit_packet(const struct mlx5x_implicit *i, const struct rte_mbuf *packet,
	struct mlx5x_range *failed)
{
	attempts++;
	*failed = answer_range;
	return answer;
}

/* EAL, which measures it, is not initialized here. */
uint64_t
rte_get_tsc_hz(void)
{
	return UINT64_C(100000000000);
}

static int
set_up(void **state)
{
	table = (struct mlx5x_mr_table){.index.table = &empty_index};
	txq = (struct mlx5x_txq){.port = &port, .mrs = &table};
	attempts = 0;
	answer = -EFAULT;
	answer_range = (struct mlx5x_range){0, 1000};
	log_open();
	return 0;
}

static bool
settle(enum mlx5x_drop_reason why, int *misses)
{
	struct rte_mbuf *pkts[] = {&pkt};
	uint16_t n;

	rte_mbuf_refcnt_set(&pkt, 2);
	n = mlx5x_drop_handle(&txq, pkts, 1, why, misses);
	assert_true(n <= 1);
	return n == 1;
}

/* True if it is dropped and freed. */
static bool
send_from(uintptr_t addr)
{
	int misses = 0;

	txq.miss.addr = addr;
	return settle(MLX5X_DROP_UNMAPPED, &misses);
}

static void
the_first_miss_is_tried(void **state)
{
	answer = 0;
	assert_false(send_from(10));
	assert_false(send_from(10));
	assert_int_equal(attempts, 2);
	assert_int_equal(txq.stats.unmapped, 0);
}

static void
attempts_for_a_lost_key_are_limited(void **state)
{
	int misses = 0;

	answer = 0;
	assert_false(settle(MLX5X_DROP_UNMAPPED, &misses));
	assert_false(settle(MLX5X_DROP_UNMAPPED, &misses));
	assert_true(settle(MLX5X_DROP_UNMAPPED, &misses));
	assert_int_equal(misses, 0);
}

static void
failed_ranges_are_not_tried_again(void **state)
{
	unsigned int i;

	for (i = 0; i < 1000; i++)
		assert_true(send_from(i));
	assert_int_equal(attempts, 1);
	assert_int_equal(txq.stats.unmapped, 1000);
}

/* A log line costs more than all packets of a burst. */
static void
one_log_line_outside_of_the_burst(void **state)
{
	mlx5x_drop_log(&txq);
	assert_int_equal(count_lines(), 0);
	assert_true(send_from(0x123));
	answer = -ENOMEM;
	answer_range.start = 0x1000;
	assert_true(send_from(0x1005));
	assert_int_equal(attempts, 2);
	assert_int_equal(count_lines(), 0);
	mlx5x_drop_log(&txq);
	assert_int_equal(count_lines(), 1);
	assert_true(log_has("drops packets on memory that has no lkey"));
	assert_true(log_has("first at 0x123 (Bad address: 0x123-0x124 is not mapped)"));
	mlx5x_drop_log(&txq);
	assert_int_equal(count_lines(), 1);
}

static void
other_memory_is_tried(void **state)
{
	assert_true(send_from(10));
	answer = 0;
	assert_false(send_from(1000));
	assert_false(send_from(5000));
	assert_true(send_from(10));
	assert_int_equal(attempts, 3);
}

static void
many_failed_ranges_stop_the_attempts(void **state)
{
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		answer_range = (struct mlx5x_range){i * 1000, 1000};
		assert_true(send_from(i * 1000));
	}
	assert_int_equal(attempts, MLX5X_MISS_RANGES);
}

static void
a_failure_is_retried_after_a_while(void **state)
{
	assert_true(send_from(10));
	assert_true(txq.miss.until - rte_rdtsc() <= rte_get_tsc_hz());
	mlx5x_drop_log(&txq);
	txq.miss.until = rte_rdtsc();
	assert_true(send_from(10));
	assert_true(send_from(10));
	assert_int_equal(attempts, 2);
	/* Nevertheless one log line. */
	mlx5x_drop_log(&txq);
	assert_int_equal(count_lines(), 1);
}

static void
added_memory_is_tried_again(void **state)
{
	assert_true(send_from(10));
	table.losses++;
	answer = 0;
	assert_false(send_from(10));
	assert_int_equal(attempts, 2);
}

static void
a_packet_rejected_for_another_reason_is_not_registered(void **state)
{
	int misses = 0;

	assert_true(settle(MLX5X_DROP_OVERSIZE, &misses));
	assert_int_equal(txq.stats.oversize, 1);
	assert_true(settle(MLX5X_DROP_UNDERSIZE, &misses));
	assert_int_equal(txq.stats.undersize, 1);
	assert_true(settle(MLX5X_DROP_SEGMENTS, &misses));
	assert_int_equal(txq.stats.segments, 1);
	assert_int_equal(attempts, 0);
	assert_int_equal(txq.stats.oversize + txq.stats.unmapped, 1);
	mlx5x_drop_log(&txq);
	assert_int_equal(count_lines(), 0);
}

/* With an lkey: from 5000 on. Looked up only inside the gate. */
static unsigned int lookups;

const struct mlx5x_mr_entry *
mlx5x_mr_index_search(const struct mlx5x_mr_index_table *index, uintptr_t addr)
{
	static struct mlx5x_mr_entry entry = {.start = 5000, .len = 1000};

	assert_false(mlx5x_gate_enter(&txq.user.gate));
	lookups++;
	return addr - entry.start < entry.len ? &entry : NULL;
}

#define BURST 8

static struct rte_mbuf burst[BURST];
static struct rte_mbuf *burst_pkts[BURST];

/* All without an lkey; an attempt for [0, 10000) has failed before. */
static void
make_burst(void)
{
	unsigned int i;

	for (i = 0; i < BURST; i++) {
		burst[i] = (struct rte_mbuf){
			.buf_addr = (void *)(100ul + i), .data_len = 64, .pkt_len = 64, .nb_segs = 1};
		rte_mbuf_refcnt_set(&burst[i], 2);
		burst_pkts[i] = &burst[i];
	}
	answer_range.len = 10000;
	assert_true(send_from(100));
	txq.max_frame = 1514;
	txq.stats = (struct mlx5x_txq_stats){0};
	attempts = lookups = 0;
}

static uint16_t
settle_burst(void)
{
	int misses = 0;

	return mlx5x_drop_handle(&txq, burst_pkts, BURST, MLX5X_DROP_UNMAPPED, &misses);
}

static void
following_packets_are_dropped_with_the_first(void **state)
{
	unsigned int i;

	make_burst();
	assert_int_equal(settle_burst(), BURST);
	assert_int_equal(attempts, 0);
	assert_int_equal(lookups, BURST - 1);
	assert_int_equal(txq.stats.unmapped, BURST);
	assert_int_equal(txq.stats.lookups, BURST - 1);
	assert_int_equal(txq.stats.cache_misses, BURST - 1);
	for (i = 0; i < BURST; i++)
		assert_int_equal(rte_mbuf_refcnt_read(&burst[i]), 1);
	assert_int_equal(txq.user.gate.word, 0);
}

/* Each of them requires its own result. */
static void
different_packets_do_not(void **state)
{
	make_burst();
	burst[3].buf_addr = (void *)5500;
	assert_int_equal(settle_burst(), 3);
	make_burst();
	burst[3].buf_addr = (void *)20000;
	assert_int_equal(settle_burst(), 3);
	make_burst();
	burst[2].nb_segs = 2;
	assert_int_equal(settle_burst(), 2);
	make_burst();
	burst[1].data_len = 13;
	assert_int_equal(settle_burst(), 1);
	make_burst();
	burst[1].data_len = 1515;
	assert_int_equal(settle_burst(), 1);
	/* The shortest and the longest frame are of this kind. */
	make_burst();
	burst[1].data_len = 14;
	burst[2].data_len = 1514;
	assert_int_equal(settle_burst(), BURST);
	/* Inlined data needs no lkey. */
	make_burst();
	txq.dv.inline_max = 64;
	burst[1].data_len = 65;
	assert_int_equal(settle_burst(), 2);
	make_burst();
	txq.dv.inline_max = 0;
	txq.dv.inline_min = 18;
	burst[1].buf_addr = (void *)4981;
	burst[2].buf_addr = (void *)4982;
	assert_int_equal(settle_burst(), 2);
	make_burst();
	txq.dv.inline_min = 63;
	burst[1].data_len = 63;
	assert_int_equal(settle_burst(), 1);
	make_burst();
	txq.dv.inline_min = 0;
	txq.dv.inline_max = 64;
	burst[1].data_len = burst[2].data_len = 65;
	assert_int_equal(settle_burst(), 3);
}

static void
behind_a_closed_gate_only_the_first_is_sent(void **state)
{
	make_burst();
	mlx5x_gate_shut(&txq.user.gate);
	assert_int_equal(settle_burst(), 1);
	mlx5x_gate_open(&txq.user.gate);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, log_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_first_miss_is_tried),
		CASE(attempts_for_a_lost_key_are_limited),
		CASE(failed_ranges_are_not_tried_again),
		CASE(one_log_line_outside_of_the_burst),
		CASE(other_memory_is_tried),
		CASE(many_failed_ranges_stop_the_attempts),
		CASE(a_failure_is_retried_after_a_while),
		CASE(added_memory_is_tried_again),
		CASE(following_packets_are_dropped_with_the_first),
		CASE(different_packets_do_not),
		CASE(behind_a_closed_gate_only_the_first_is_sent),
		CASE(a_packet_rejected_for_another_reason_is_not_registered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
