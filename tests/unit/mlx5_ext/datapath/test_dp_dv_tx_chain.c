/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The transmit burst of wire=dv takes chains of plain segments apart when it has sent them; all
 * others, and those that it refuses, it leaves as they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "dv_tx_fixture.h"

/* The chain of n segments of 20 bytes that begins with this mbuf. */
static struct rte_mbuf *
chain(unsigned int first, unsigned int n)
{
	struct rte_mbuf *pkt = packet(first, 64 * first, 20);
	unsigned int i;

	for (i = first + 1; i < first + n; i++)
		append(pkt, packet(i, 64 * i, 20));
	return pkt;
}

static void
check_whole(unsigned int first, unsigned int n)
{
	unsigned int i;

	assert_int_equal(mbufs[first].nb_segs, n);
	for (i = first; i < first + n - 1; i++)
		assert_ptr_equal(mbufs[i].next, &mbufs[i + 1]);
	assert_null(mbufs[i].next);
}

/* A WQE for the chain, at this block. */
static void
check_sent(uint32_t block, unsigned int first, unsigned int n, bool last)
{
	unsigned int i;

	check_ctrl(block, MLX5_OPCODE_SEND, block, 2 + n, last);
	assert_memory_equal(byte_at(block, 16), ((uint8_t[14]){0}), 14);
	for (i = 0; i < n; i++)
		check_data(block, 2 + i, 64 * (first + i), 20, LKEY);
}

/* The pool has n mbufs, from this one on, once and each as a new one. */
static void
check_freed(unsigned int first, unsigned int n)
{
	unsigned int i, k;

	assert_int_equal(pool.nb_free, n);
	for (i = first; i < first + n; i++) {
		assert_null(mbufs[i].next);
		assert_int_equal(mbufs[i].nb_segs, 1);
		for (k = 0; k < n && pool.stack[k] != &mbufs[i]; k++)
			;
		assert_true(k < n);
	}
}

static void
plain_segments_return_to_their_pool_together(void **state)
{
	struct rte_mbuf *pkts[] = {chain(0, 2), chain(2, 3), chain(5, 4), packet(9, 9 * 64, 20),
		chain(10, 2)};

	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, pkts, 5), 5);
	check_sent(0, 0, 2, false);
	check_sent(1, 2, 3, false);
	check_sent(3, 5, 4, false);
	check_sent(5, 9, 1, false);
	check_sent(6, 10, 2, true);
	check_doorbell(7, 6);
	assert_int_equal(txq.tails.head, 7);
	assert_ptr_equal(tails[1], &mbufs[3]);
	assert_ptr_equal(tails[6], &mbufs[11]);
	assert_int_equal(txq.stats.bytes, 12 * 20);
	assert_int_equal(txq.stats.lookups, 12);
	assert_int_equal(pool.nb_free, 0);
	complete(0, 6, MLX5_CQE_REQ);
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, NULL, 0), 0);
	check_freed(0, 12);
	assert_int_equal(pool.nb_puts, 2);
}

/* Whatever is unusual of whichever segment. */
static void
a_chain_with_an_odd_segment_stays_whole(void **state)
{
	static struct fake_pool other;
	struct rte_mbuf *pkt;
	unsigned int what, i;

	for (what = 0; what < 5; what++)
		for (i = 0; i < 4; i++) {
			set_up(NULL);
			pkt = chain(0, 4);
			mbufs[i].refcnt += what == 0;
			mbufs[i].ol_flags |= what == 1 ? RTE_MBUF_F_EXTERNAL : 0;
			mbufs[i].ol_flags |= what == 2 ? RTE_MBUF_F_INDIRECT : 0;
			/* The pool of the first one is that which the others need. */
			if (what == 3)
				mbufs[i == 0 ? 1 : i].pool = &other.mp;
			if (what == 4)
				mbufs[i == 0 ? 1 : i].nb_segs = 2;
			assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, &pkt, 1), 1);
			check_sent(0, 0, 4, true);
			check_whole(0, 4);
			assert_int_equal(txq.tails.head, 0);
			assert_int_equal(runs[0].pool, MLX5X_TX_RUN_OTHER);
		}
}

/* Those before it are apart; their tails are freed too. */
static void
an_odd_chain_keeps_the_later_ones_whole(void **state)
{
	struct rte_mbuf *pkts[] = {chain(0, 3), chain(3, 3), chain(6, 2)};

	mbufs[4].refcnt = 2;
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, pkts, 3), 3);
	check_sent(0, 0, 3, false);
	check_sent(2, 3, 3, false);
	check_sent(4, 6, 2, true);
	assert_null(mbufs[0].next);
	check_whole(3, 3);
	check_whole(6, 2);
	assert_int_equal(runs[0].pool, MLX5X_TX_RUN_OTHER);
	assert_int_equal(runs[0].tails, 2);
}

/* Its last segment is at fault, so that all others have been stored. */
static void
a_refused_chain_is_as_it_was(void **state)
{
	const enum mlx5x_drop_reason wanted[] = {MLX5X_DROP_UNMAPPED, MLX5X_DROP_OVERSIZE,
		MLX5X_DROP_UNDERSIZE, MLX5X_DROP_SEGMENTS};
	unsigned int n, why;
	struct rte_mbuf *pkt;

	for (why = 0; why < RTE_DIM(wanted); why++)
		for (n = 2; n <= 5; n++) {
			set_up(NULL);
			pkt = chain(0, n);
			mbufs[n - 1].data_off = why == 0 ? 2 * REGION : mbufs[n - 1].data_off;
			mbufs[n - 1].data_len = why == 1 ? 1600 : 20;
			if (why == 2)
				mbufs[0].data_len = mbufs[1].data_len = mbufs[2].data_len =
					mbufs[3].data_len = mbufs[4].data_len = 2;
			txq.max_segs = why == 3 ? n - 1 : UINT16_MAX;
			assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, &pkt, 1), 1);
			assert_int_equal(nb_refused, 1);
			assert_int_equal(refused[0], wanted[why]);
			check_whole(0, n);
			assert_int_equal(txq.tails.head, 0);
			assert_int_equal(txq.head, 0);
			assert_int_equal(uar, 0);
		}
}

/* The frame consists of the segments that there are. */
static void
a_wrong_nb_segs_is_ignored(void **state)
{
	struct rte_mbuf *pkt;
	unsigned int n, told;

	for (n = 2; n <= 4; n++)
		for (told = 2; told <= 6; told++) {
			set_up(NULL);
			pkt = chain(0, n);
			pkt->nb_segs = told;
			assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, &pkt, 1), 1);
			check_sent(0, 0, n, true);
			assert_int_equal(txq.stats.bytes, 20 * n);
		}
}

/* Four bursts of four tails on a ring of sixteen: it has to have room for a chain of six. */
static void
tails_wrap_and_do_not_overwrite_others(void **state)
{
	struct rte_mbuf *pkts[2];
	unsigned int i, pi = 0;

	txq.tails.head = txq.tails.tail = 3;
	for (i = 0; i < 40; i++) {
		pkts[0] = chain(6 * (i % 8), 3);
		pkts[1] = chain(6 * (i % 8) + 3, 3);
		assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, pkts, 2), 2);
		pi += 4;
		if (i % 4 == 3) {
			check_whole(6 * (i % 8) + 3, 3);
			assert_int_equal(txq.tails.head - txq.tails.tail, 12);
			complete(i / 4, pi - 2, MLX5_CQE_REQ);
			assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, NULL, 0), 0);
			check_freed(6 * ((i - 3) % 8), 18);
			pool.nb_free = 0;
		}
	}
	assert_int_equal(txq.tails.head, txq.tails.tail);
}

static void
without_a_ring_of_tails_chains_stay_whole(void **state)
{
	struct rte_mbuf *pkt = chain(0, 3);

	txq.tails = (struct mlx5x_tx_tails){0};
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, &pkt, 1), 1);
	check_sent(0, 0, 3, true);
	check_whole(0, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASES(plain_segments_return_to_their_pool_together),
		CASES(a_chain_with_an_odd_segment_stays_whole),
		CASES(an_odd_chain_keeps_the_later_ones_whole),
		CASES(a_refused_chain_is_as_it_was),
		CASES(a_wrong_nb_segs_is_ignored),
		CASES(tails_wrap_and_do_not_overwrite_others),
		CASES(without_a_ring_of_tails_chains_stay_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
