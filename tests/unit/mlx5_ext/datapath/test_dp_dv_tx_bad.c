/* SPDX-License-Identifier: BSD-3-Clause */
/* The transmit burst of wire=dv: packets that cannot be sent, and error completions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "dv_tx_fixture.h"

static void
a_bad_packet_loses_one_packet(void **state)
{
	struct rte_mbuf *pkts[] = {packet(0, 0, 64), packet(1, 2 * REGION, 64), packet(2, 0, 13),
		packet(3, 0, 1523), packet(4, 64, 64), packet(5, 128, 64)};
	unsigned int i;

	for (i = 0; i < 6; i++)
		append(pkts[4], packet(10 + i, 0, 20));
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, pkts, RTE_DIM(pkts)), RTE_DIM(pkts));
	assert_int_equal(nb_refused, 4);
	assert_int_equal(refused[0], MLX5X_DROP_UNMAPPED);
	assert_int_equal(refused[1], MLX5X_DROP_UNDERSIZE);
	assert_int_equal(refused[2], MLX5X_DROP_OVERSIZE);
	assert_int_equal(refused[3], MLX5X_DROP_SEGMENTS);
	check_ctrl(1, MLX5_OPCODE_SEND, 1, 3, true);
	check_data(1, 2, 128, 64, LKEY);
	check_doorbell(2, 1);
	assert_int_equal(txq.stats.packets, 2);
}

static void
an_empty_chain_is_rejected(void **state)
{
	struct rte_mbuf *pkt = packet(0, 0, 0);

	append(pkt, packet(1, 0, 0));
	pkt->pkt_len = 64;
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, &pkt, 1), 1);
	assert_int_equal(refused[0], MLX5X_DROP_UNDERSIZE);
	assert_int_equal(uar, 0);
}

/* By each way of writing: whatever its pkt_len, the frame consists of the segments. */
static void
a_wrong_pkt_len_is_ignored(void **state)
{
	const eth_tx_burst_t ways[] = {bursts->plain, bursts->mpw, mlx5x_dv_bursts_scalar.inlined};
	struct rte_mbuf *pkts[4];
	uint32_t i;

	for (i = 0; i < RTE_DIM(ways); i++) {
		set_up(NULL);
		txq.dv.burst = ways[i];
		txq.dv.max_blocks = 9;
		txq.dv.inline_min = i == 2 ? 18 : 0;
		pkts[0] = packet(0, 0, 1000);
		append(pkts[0], packet(1, 1000, 1000));
		pkts[0]->pkt_len = 64;
		pkts[1] = packet(2, 0, 7);
		append(pkts[1], packet(3, 64, 6));
		pkts[1]->pkt_len = 64;
		pkts[2] = packet(4, 0, 40);
		append(pkts[2], packet(5, 64, 0));
		append(pkts[2], packet(6, 64, 40));
		pkts[2]->pkt_len = 9000;
		pkts[3] = packet(7, 0, 40);
		append(pkts[3], packet(8, 64, 40));
		pkts[3]->pkt_len = 0;
		assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, pkts, 4), 4);
		assert_int_equal(nb_refused, 2);
		assert_int_equal(refused[0], MLX5X_DROP_OVERSIZE);
		assert_int_equal(refused[1], MLX5X_DROP_UNDERSIZE);
		assert_int_equal(txq.stats.packets, 2);
		assert_int_equal(txq.stats.bytes, 160);
	}
}

static void
mbufs_freed_unread_must_not_be_chains(void **state)
{
	struct rte_mbuf *pkt = packet(0, 0, 64);

	append(pkt, packet(1, 64, 64));
	txq.max_segs = 1;
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, &pkt, 1), 1);
	assert_int_equal(refused[0], MLX5X_DROP_SEGMENTS);
}

/* Those before it, and those after it, are sent. */
static void
check_broken_promise(eth_tx_burst_t burst, uint32_t chain)
{
	struct rte_mbuf *pkts[12];
	uint32_t i;

	set_up(NULL);
	for (i = 0; i < RTE_DIM(pkts); i++)
		pkts[i] = packet(i, 64 * i, 64);
	append(pkts[chain], packet(20, 0, 64));
	txq.fast_free = true;
	txq.max_segs = 1;
	txq.dv.burst = burst;
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, pkts, RTE_DIM(pkts)), RTE_DIM(pkts));
	assert_int_equal(nb_refused, 1);
	assert_int_equal(refused[0], MLX5X_DROP_SEGMENTS);
	assert_int_equal(txq.head, RTE_DIM(pkts) - 1);
	assert_int_equal(txq.stats.packets, RTE_DIM(pkts) - 1);
	assert_int_equal(txq.stats.bytes, 64 * (RTE_DIM(pkts) - 1));
	for (i = 0; i < RTE_DIM(pkts) - 1; i++)
		assert_ptr_equal(elts[i], pkts[i + (i >= chain)]);
}

static void
a_chain_that_breaks_the_promise_is_rejected(void **state)
{
	uint32_t i;

	for (i = 0; i < 12; i++) {
		check_broken_promise(bursts->plain_promised, i);
		check_broken_promise(bursts->mpw_promised, i);
	}
}

static void
an_error_counts_once_and_stops_the_queue(void **state)
{
	struct rte_mbuf *pkt = packet(9, 0, 64);

	send_some(2);
	complete(0, 1, MLX5_CQE_REQ_ERR);
	complete(1, 1, MLX5_CQE_REQ_ERR);
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, &pkt, 1), 0);
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, &pkt, 1), 0);
	assert_true(txq.failed);
	assert_int_equal(txq.stats.errors, 1);
	assert_int_equal(txq.done, 0);
	assert_int_equal(nb_recovered, 2);
	/* The ring was reset: from the first block on, behind the completions from before. */
	mlx5x_dp_dv_tx_discard(&txq);
	assert_int_equal(be32toh(cq_doorbell[0]), 2);
	txq.failed = false;
	txq.done = txq.head;
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, &pkt, 1), 1);
	check_ctrl(0, MLX5_OPCODE_SEND, 0, 3, true);
	check_doorbell(1, 0);
	complete(2, 0, MLX5_CQE_REQ);
	mlx5x_dp_dv_tx_reap(&txq);
	assert_int_equal(txq.done, 3);
}

/* No burst has polled its completion before the ring is reset. */
static void
a_packet_sent_before_a_reset_is_done(void **state)
{
	send_some(2);
	complete(0, 1, MLX5_CQE_REQ);
	send_some(3);
	txq.done = 0;
	txq.dv.cq.ci = 0;
	complete(1, 4, MLX5_CQE_REQ_ERR);
	mlx5x_dp_dv_tx_discard(&txq);
	assert_int_equal(txq.done, 2);
	assert_int_equal(txq.dv.sq.pi, 0);
	assert_int_equal(be32toh(cq_doorbell[0]), 2);
}

/* An application that sends no more packets, and waits for those that it sent. */
static void
an_empty_burst_reaps_completions(void **state)
{
	bool told = false;

	txq.tell = &told;
	send_some(4);
	complete(0, 3, MLX5_CQE_REQ);
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, NULL, 0), 0);
	assert_int_equal(txq.freed, 4);
	assert_int_equal(nb_recovered, 0);
	send_some(2);
	complete(1, 5, MLX5_CQE_REQ_ERR);
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, NULL, 0), 0);
	assert_int_equal(txq.stats.errors, 1);
	assert_int_equal(nb_recovered, 1);
	assert_true(told);
	assert_int_equal(txq.user.gate.word, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASES(a_bad_packet_loses_one_packet),
		CASES(an_empty_chain_is_rejected),
		CASES(a_wrong_pkt_len_is_ignored),
		CASES(mbufs_freed_unread_must_not_be_chains),
		CASES(a_chain_that_breaks_the_promise_is_rejected),
		CASES(an_error_counts_once_and_stops_the_queue),
		CASES(a_packet_sent_before_a_reset_is_done),
		CASES(an_empty_burst_reaps_completions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
