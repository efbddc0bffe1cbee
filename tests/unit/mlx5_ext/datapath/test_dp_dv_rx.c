/* SPDX-License-Identifier: BSD-3-Clause */
/* The receive burst of wire=dv. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "dv_rx_fixture.h"

static void
all_slots_are_filled(void **state)
{
	uint32_t i;

	mlx5x_dp_dv_rx_fill(&rxq);
	assert_int_equal(be32toh(rq_doorbell[MLX5_RCV_DBR]), SLOTS);
	for (i = 0; i < SLOTS; i++)
		check_segment(i, 0, elts[i]);
	assert_int_equal(pool.nb_free, MBUFS - SLOTS);
}

static void
a_frame_is_described(void **state)
{
	struct mlx5_cqe64 *cqe;
	uint32_t hash = htobe32(0xfeedbeef);

	mlx5x_dp_dv_rx_fill(&rxq);
	complete(0, MLX5_CQE_RESP_SEND, 60);
	cqe = complete(1, MLX5_CQE_RESP_SEND, 100);
	memcpy((uint8_t *)cqe + 12, &hash, sizeof(hash));
	cqe->hds_ip_ext = MLX5_CQE_L2_OK | MLX5_CQE_L3_OK | MLX5_CQE_L4_OK;
	cqe->l4_hdr_type_etc = 2 << 4 | MLX5_CQE_L3_HDR_TYPE_IPV4 << 2 | 1;
	cqe->vlan_info = htobe16(0x2123);
	assert_int_equal(receive(SLOTS), 2);
	assert_int_equal(got[0]->data_len, 60);
	assert_int_equal(got[0]->ol_flags, UINT64_C(1) << 40);
	assert_int_equal(got[0]->packet_type, RTE_PTYPE_L2_ETHER);
	assert_int_equal(got[1]->pkt_len, 100);
	assert_int_equal(got[1]->data_len, 100);
	assert_int_equal(got[1]->data_off, RTE_PKTMBUF_HEADROOM);
	assert_int_equal(got[1]->port, 7);
	assert_int_equal(got[1]->ol_flags, UINT64_C(1) << 40 | 7 << 10 | RTE_MBUF_F_RX_RSS_HASH);
	assert_int_equal(got[1]->hash.rss, 0xfeedbeef);
	assert_int_equal(got[1]->vlan_tci, 0x2123);
	assert_int_equal(got[1]->packet_type,
		RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4_EXT_UNKNOWN | RTE_PTYPE_L4_UDP);
	assert_int_equal(be32toh(cq_doorbell[0]), 2);
	assert_int_equal(rxq.stats.packets, 2);
	assert_int_equal(rxq.stats.bytes, 160);
}

/* In the second pass of the CQ, whose owner bit is the other one. */
static void
done_slots_are_known_without_a_burst(void **state)
{
	uint32_t i;

	mlx5x_dp_dv_rx_fill(&rxq);
	for (i = 0; i < RTE_DIM(cqes) - 1; i++) {
		complete(i, MLX5_CQE_RESP_SEND, 60);
		assert_int_equal(receive(1), 1);
		rte_pktmbuf_free(got[0]);
		mlx5x_dp_dv_rx_fill(&rxq);
	}
	assert_false(mlx5x_dp_dv_rx_is_done(&rxq, 0));
	complete(i, MLX5_CQE_RESP_SEND, 60);
	complete(i + 1, MLX5_CQE_RESP_SEND, 60);
	assert_true(mlx5x_dp_dv_rx_is_done(&rxq, 0));
	assert_true(mlx5x_dp_dv_rx_is_done(&rxq, 1));
	assert_false(mlx5x_dp_dv_rx_is_done(&rxq, 2));
	complete(i + 2, MLX5_CQE_RESP_ERR, 0);
	assert_false(mlx5x_dp_dv_rx_is_done(&rxq, 2));
	assert_int_equal(receive(SLOTS), 2);
}

static void
kinds_of_frames_are_distinguished(void **state)
{
	static const struct {
		uint8_t type;
		uint32_t wanted;
	} kinds[] = {
		{1 << 2, RTE_PTYPE_L3_IPV6_EXT_UNKNOWN | RTE_PTYPE_L4_NONFRAG},
		{1 << 4 | 1 << 2, RTE_PTYPE_L3_IPV6_EXT_UNKNOWN | RTE_PTYPE_L4_TCP},
		{3 << 4 | 2 << 2, RTE_PTYPE_L3_IPV4_EXT_UNKNOWN | RTE_PTYPE_L4_TCP},
		{4 << 4 | 2 << 2, RTE_PTYPE_L3_IPV4_EXT_UNKNOWN | RTE_PTYPE_L4_TCP},
		{2 << 4 | 1 << 2, RTE_PTYPE_L3_IPV6_EXT_UNKNOWN | RTE_PTYPE_L4_UDP},
		{0x80 | 2 << 2, RTE_PTYPE_L3_IPV4_EXT_UNKNOWN | RTE_PTYPE_L4_FRAG},
	};
	uint32_t i;

	mlx5x_dp_dv_rx_fill(&rxq);
	for (i = 0; i < RTE_DIM(kinds); i++)
		complete(i, MLX5_CQE_RESP_SEND, 64)->l4_hdr_type_etc = kinds[i].type;
	assert_int_equal(receive(SLOTS), RTE_DIM(kinds));
	for (i = 0; i < RTE_DIM(kinds); i++)
		assert_int_equal(got[i]->packet_type, RTE_PTYPE_L2_ETHER | kinds[i].wanted);
}

/* Three a burst: 65,536 slots end within a burst, as do ring and completions, repeatedly. */
static void
indices_and_owner_bits_wrap(void **state)
{
	uint32_t ci = 65536 - 3 * SLOTS, n, i;

	rxq.ci = rxq.pi = ci;
	mlx5x_dp_dv_rx_fill(&rxq);
	for (n = 0; n < 120; n += 3) {
		/* A CQE of the round before is no completion. */
		assert_int_equal(receive(SLOTS), 0);
		for (i = 0; i < 3; i++)
			complete(n + i, MLX5_CQE_RESP_SEND, 64 + n + i);
		assert_int_equal(receive(SLOTS), 3);
		for (i = 0; i < 3; i++) {
			assert_int_equal(got[i]->data_len, 64 + n + i);
			rte_pktmbuf_free(got[i]);
		}
		assert_int_equal(be32toh(cq_doorbell[0]), n + 3);
		assert_int_equal(be32toh(rq_doorbell[0]), (uint16_t)(ci + n + 3 + SLOTS));
		assert_int_equal(pool.nb_free, MBUFS - SLOTS);
	}
}

static void
a_burst_returns_at_most_the_requested_number(void **state)
{
	uint32_t i;

	mlx5x_dp_dv_rx_fill(&rxq);
	for (i = 0; i < 5; i++)
		complete(i, MLX5_CQE_RESP_SEND, 64 + i);
	assert_int_equal(receive(2), 2);
	assert_int_equal(receive(SLOTS), 3);
	assert_int_equal(got[2]->data_len, 68);
}

static void
a_long_frame_is_a_chain(void **state)
{
	struct rte_mbuf *left;
	uint32_t i;

	rxq.nb_sge = 3;
	rxq.dv.ragged = true;
	mlx5x_dp_dv_rx_fill(&rxq);
	for (i = 0; i < 3; i++)
		check_segment(2, i, elts[6 + i]);
	left = elts[2];
	complete(0, MLX5_CQE_RESP_SEND, ROOM + 10);
	complete(1, MLX5_CQE_RESP_SEND, 3 * ROOM);
	assert_int_equal(receive(SLOTS), 2);
	assert_int_equal(got[0]->nb_segs, 2);
	assert_int_equal(got[0]->pkt_len, ROOM + 10);
	assert_int_equal(got[0]->data_len, ROOM);
	assert_int_equal(got[0]->next->data_len, 10);
	assert_int_equal(got[0]->next->data_off, RTE_PKTMBUF_HEADROOM);
	assert_null(got[0]->next->next);
	assert_int_equal(got[1]->nb_segs, 3);
	assert_int_equal(got[1]->next->next->data_len, ROOM);
	/* The slot's third buffer is kept for the next frame. */
	assert_ptr_equal(elts[2], left);
	assert_non_null(elts[0]);
	check_segment(0, 2, left);
	rte_pktmbuf_free(got[0]);
	rte_pktmbuf_free(got[1]);
	assert_int_equal(pool.nb_free, MBUFS - 3 * SLOTS);
}

static void
slots_left_by_an_empty_pool_are_filled_later(void **state)
{
	uint32_t i;

	pool.nb_free = 5;
	mlx5x_dp_dv_rx_fill(&rxq);
	assert_int_equal(be32toh(rq_doorbell[0]), 5);
	assert_int_equal(rxq.stats.no_mbuf, 1);
	pool.nb_free = MBUFS - 5;
	mlx5x_dp_dv_rx_fill(&rxq);
	assert_int_equal(be32toh(rq_doorbell[0]), SLOTS);
	for (i = 0; i < SLOTS; i++)
		check_segment(i, 0, elts[i]);
}

/* Two slots and a third of one; buffers left by frames are neither lost nor received twice. */
static void
chains_from_an_empty_pool_lose_nothing(void **state)
{
	uint32_t i;

	rxq.nb_sge = 3;
	rxq.dv.ragged = true;
	pool.nb_free = 7;
	mlx5x_dp_dv_rx_fill(&rxq);
	assert_int_equal(be32toh(rq_doorbell[0]), 2);
	assert_int_equal(pool.nb_free, 0);
	complete(0, MLX5_CQE_RESP_SEND, 10);
	assert_int_equal(receive(SLOTS), 1);
	rte_pktmbuf_free(got[0]);
	/* One was returned; thirty-three had never been there. */
	for (i = 7; i < MBUFS; i++)
		rte_mempool_put(&pool.mp, &mbufs[MBUFS - 1 - i]);
	mlx5x_dp_dv_rx_fill(&rxq);
	assert_int_equal(be32toh(rq_doorbell[0]), SLOTS + 1);
	assert_int_equal(pool.nb_free, MBUFS - 3 * SLOTS);
	for (i = 0; i < 3 * SLOTS; i++)
		assert_non_null(elts[i]);
}

static void
a_buffer_without_a_key_is_not_posted(void **state)
{
	struct rte_mbuf *behind;

	unmapped = 3;
	mlx5x_dp_dv_rx_fill(&rxq);
	assert_int_equal(be32toh(rq_doorbell[0]), 3);
	assert_int_equal(rxq.stats.unmapped, 1);
	assert_true(rxq.missed);
	assert_null(elts[3]);
	behind = elts[4];
	assert_non_null(behind);
	assert_int_equal(pool.nb_free, MBUFS - SLOTS + 1);
	assert_int_equal(rxq.miss.addr, (uintptr_t)memory[3] + RTE_PKTMBUF_HEADROOM);
	/* The burst that meets it registers it; buffers in later slots are used. */
	assert_int_equal(receive(1), 0);
	assert_int_equal(nb_covered, 1);
	unmapped = MBUFS;
	assert_int_equal(receive(1), 0);
	assert_int_equal(nb_covered, 1);
	assert_int_equal(be32toh(rq_doorbell[0]), SLOTS);
	assert_ptr_equal(elts[4], behind);
	check_segment(4, 0, behind);
	assert_int_equal(pool.nb_free, MBUFS - SLOTS);
}

/* The burst that met it did not get the lock, and no more frames are sent. */
static void
an_error_of_the_tx_queue_is_recovered(void **state)
{
	mlx5x_dp_dv_rx_fill(&rxq);
	rxq.tx_failed = true;
	complete(0, MLX5_CQE_RESP_SEND, 64);
	assert_int_equal(receive(SLOTS), 1);
	assert_int_equal(nb_recovered, 1);
	rte_pktmbuf_free(got[0]);
	assert_int_equal(receive(SLOTS), 0);
	assert_int_equal(nb_recovered, 2);
	assert_false(rxq.failed);
	rxq.tx_failed = false;
	assert_int_equal(receive(SLOTS), 0);
	assert_int_equal(nb_recovered, 2);
}

static void
an_error_counts_once_and_stops_the_queue(void **state)
{
	struct rte_mbuf *before[SLOTS];
	uint32_t i, n;

	mlx5x_dp_dv_rx_fill(&rxq);
	complete(0, MLX5_CQE_RESP_SEND, 64);
	complete(1, MLX5_CQE_RESP_ERR, 0);
	complete(2, MLX5_CQE_RESP_SEND, 64);
	complete(3, MLX5_CQE_RESP_ERR, 0);
	assert_int_equal(receive(SLOTS), 1);
	assert_int_equal(receive(SLOTS), 0);
	assert_true(rxq.failed);
	assert_int_equal(rxq.stats.errors, 1);
	assert_int_equal(nb_recovered, 2);
	memcpy(before, elts, sizeof(before));
	/*
	 * The queue was reset: the buffers are still there, and are posted from the first slot on.
	 */
	assert_int_equal(mlx5x_dp_dv_rx_discard(&rxq), 1);
	assert_int_equal(be32toh(cq_doorbell[0]), 4);
	rxq.failed = false;
	rxq.ci = rxq.pi = 0;
	mlx5x_dp_dv_rx_fill(&rxq);
	assert_int_equal(be32toh(rq_doorbell[0]), SLOTS);
	for (i = 1; i < SLOTS; i++)
		assert_ptr_equal(elts[i], before[i]);
	check_segment(0, 0, elts[0]);
	rte_pktmbuf_free(got[0]);
	assert_int_equal(pool.nb_free, MBUFS - SLOTS);
	/* Slots and completions no longer end together. */
	for (n = 4; n < 64; n += 5) {
		for (i = 0; i < 5; i++)
			complete(n + i, MLX5_CQE_RESP_SEND, 80 + i);
		assert_int_equal(receive(SLOTS), 5);
		for (i = 0; i < 5; i++) {
			assert_int_equal(got[i]->data_len, 80 + i);
			rte_pktmbuf_free(got[i]);
		}
	}
	assert_int_equal(pool.nb_free, MBUFS - SLOTS);
}

static void
arming_gives_the_next_consumer_index(void **state)
{
	mlx5x_dp_dv_rx_fill(&rxq);
	complete(0, MLX5_CQE_RESP_SEND, 64);
	assert_int_equal(receive(SLOTS), 1);
	assert_int_equal(mlx5x_dp_dv_rx_arm(&rxq), 0);
	assert_int_equal(be32toh(cq_doorbell[1]), 1);
	assert_int_equal(be64toh(cq_uar), UINT64_C(1) << 32 | 0x42);
	/* Another number each time, or the device would take it for the same request. */
	assert_int_equal(mlx5x_dp_dv_rx_arm(&rxq), 0);
	assert_int_equal(be64toh(cq_uar), UINT64_C(0x10000001) << 32 | 0x42);
}

static void
a_closed_gate_receives_nothing(void **state)
{
	mlx5x_dp_dv_rx_fill(&rxq);
	complete(0, MLX5_CQE_RESP_SEND, 64);
	mlx5x_gate_shut(&rxq.user.gate);
	assert_int_equal(receive(SLOTS), 0);
	mlx5x_gate_open(&rxq.user.gate);
	assert_int_equal(receive(SLOTS), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASES(all_slots_are_filled),
		CASES(a_frame_is_described),
		CASES(done_slots_are_known_without_a_burst),
		CASES(kinds_of_frames_are_distinguished),
		CASES(indices_and_owner_bits_wrap),
		CASES(a_burst_returns_at_most_the_requested_number),
		CASES(a_long_frame_is_a_chain),
		CASES(slots_left_by_an_empty_pool_are_filled_later),
		CASES(chains_from_an_empty_pool_lose_nothing),
		CASES(a_buffer_without_a_key_is_not_posted),
		CASES(an_error_counts_once_and_stops_the_queue),
		CASES(an_error_of_the_tx_queue_is_recovered),
		CASES(arming_gives_the_next_consumer_index),
		CASES(a_closed_gate_receives_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
