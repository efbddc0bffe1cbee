/* SPDX-License-Identifier: BSD-3-Clause */
/* The transmit burst of wire=dv: the contents and places of its WQEs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "dv_tx_fixture.h"

static void
a_packet_uses_a_block_and_a_burst_one_completion(void **state)
{
	send_some(3);
	check_ctrl(0, MLX5_OPCODE_SEND, 0, 3, false);
	assert_memory_equal(byte_at(0, 16), ((uint8_t[16]){0}), 16);
	check_data(0, 2, 0, 64, LKEY);
	check_ctrl(1, MLX5_OPCODE_SEND, 1, 3, false);
	check_ctrl(2, MLX5_OPCODE_SEND, 2, 3, true);
	check_data(2, 2, 128, 64, LKEY);
	check_doorbell(3, 2);
	assert_int_equal(txq.stats.packets, 3);
	assert_int_equal(txq.stats.bytes, 192);
	assert_int_equal(txq.stats.lookups, 3);
	complete(0, 2, MLX5_CQE_REQ);
	mlx5x_dp_dv_tx_reap(&txq);
	assert_int_equal(txq.done, 3);
	assert_int_equal(be32toh(cq_doorbell[0]), 1);
}

/* Index 65,535 is followed by 0, and the owner bit toggles with each round of the four CQEs. */
static void
indices_and_owner_bits_wrap(void **state)
{
	uint32_t n, pi = 65536 - 2 * BLOCKS;

	txq.dv.sq.pi = txq.dv.sq.done = pi;
	for (n = 0; n < 20; n++, pi += 5) {
		send_some(5);
		assert_int_equal(txq.done, 5 * n);
		check_ctrl(pi % BLOCKS, MLX5_OPCODE_SEND, pi, 3, false);
		check_ctrl((pi + 4) % BLOCKS, MLX5_OPCODE_SEND, pi + 4, 3, true);
		check_doorbell(pi + 5, (pi + 4) % BLOCKS);
		/* A CQE of the round before is no completion. */
		mlx5x_dp_dv_tx_reap(&txq);
		assert_int_equal(txq.done, 5 * n);
		complete(n, pi + 4, MLX5_CQE_REQ);
		mlx5x_dp_dv_tx_reap(&txq);
		assert_int_equal(txq.done, 5 * n + 5);
	}
}

static void
a_full_ring_accepts_a_part(void **state)
{
	struct rte_mbuf *pkts[BLOCKS + 4];
	uint32_t i;

	for (i = 0; i < RTE_DIM(pkts); i++)
		pkts[i] = packet(i, 64 * i, 64);
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, pkts, RTE_DIM(pkts)), BLOCKS);
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, pkts, 1), 0);
	complete(0, BLOCKS - 1, MLX5_CQE_REQ);
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, pkts, 4), 4);
	check_doorbell(BLOCKS + 4, 3);
}

/* Four data segments after control and Ethernet: a block and a half, here across the ring's end. */
static void
a_chain_wraps_at_the_end(void **state)
{
	struct rte_mbuf *pkts[2] = {packet(0, 0, 20), packet(9, 900, 64)};

	append(pkts[0], packet(1, 100, 0));
	append(pkts[0], packet(2, 200, 30));
	append(pkts[0], packet(3, 300, 40));
	append(pkts[0], packet(4, REGION + 400, 50));
	txq.dv.sq.pi = txq.dv.sq.done = BLOCKS - 1;
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, pkts, 2), 2);
	check_ctrl(BLOCKS - 1, MLX5_OPCODE_SEND, BLOCKS - 1, 6, false);
	check_data(BLOCKS - 1, 2, 0, 20, LKEY);
	check_data(BLOCKS - 1, 3, 200, 30, LKEY);
	check_data(BLOCKS - 1, 4, 300, 40, LKEY);
	check_data(BLOCKS - 1, 5, REGION + 400, 50, LKEY + 1);
	check_ctrl(1, MLX5_OPCODE_SEND, BLOCKS + 1, 3, true);
	check_doorbell(BLOCKS + 2, 1);
	assert_int_equal(txq.stats.bytes, 204);
	assert_int_equal(txq.stats.lookups, 5);
	complete(0, BLOCKS + 1, MLX5_CQE_REQ);
	mlx5x_dp_dv_tx_reap(&txq);
	assert_int_equal(txq.done, 2);
	assert_int_equal(txq.dv.sq.done, BLOCKS + 2);
}

static void
a_segment_across_two_regions_uses_two_sges(void **state)
{
	struct rte_mbuf *pkt = packet(0, REGION - 10, 64);

	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, &pkt, 1), 1);
	check_ctrl(0, MLX5_OPCODE_SEND, 0, 4, true);
	check_data(0, 2, REGION - 10, 10, LKEY);
	check_data(0, 3, REGION, 54, LKEY + 1);
}

/* 100 bytes from byte 30 of the last block on: 34 there, the rest from the ring's first byte on. */
static void
inlined_bytes_wrap_at_the_end(void **state)
{
	struct rte_mbuf *pkt = packet(0, 0, 70);
	uint8_t got[100];
	uint32_t i;

	for (i = 0; i < sizeof(memory); i++)
		memory[i] = i * 7;
	append(pkt, packet(1, 70, 30));
	txq.dv.burst = mlx5x_dv_bursts_scalar.inlined;
	txq.dv.inline_max = 100;
	txq.dv.max_blocks = 3;
	txq.dv.sq.pi = txq.dv.sq.done = BLOCKS - 1;
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, &pkt, 1), 1);
	check_ctrl(BLOCKS - 1, MLX5_OPCODE_SEND, BLOCKS - 1, 2 + 7, true);
	assert_int_equal(word_at(BLOCKS - 1, 28) >> 16, 100);
	for (i = 0; i < sizeof(got); i++)
		got[i] = *byte_at(BLOCKS - 1, 30 + i);
	assert_memory_equal(got, memory, sizeof(got));
	check_doorbell(BLOCKS + 2, BLOCKS - 1);
}

static void
a_device_with_min_inline_gets_headers(void **state)
{
	struct rte_mbuf *pkts[2] = {packet(0, 0, 10), packet(2, 500, 14)};

	append(pkts[0], packet(1, 300, 60));
	txq.dv.burst = mlx5x_dv_bursts_scalar.inlined;
	txq.dv.inline_min = 18;
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, pkts, 2), 2);
	check_ctrl(0, MLX5_OPCODE_SEND, 0, 4, false);
	assert_int_equal(word_at(0, 28) >> 16, 18);
	assert_memory_equal(byte_at(0, 30), &memory[0], 10);
	assert_memory_equal(byte_at(0, 40), &memory[300], 8);
	check_data(0, 3, 308, 52, LKEY);
	/* All of it is less than that. */
	check_ctrl(1, MLX5_OPCODE_SEND, 1, 3, true);
	assert_int_equal(word_at(1, 28) >> 16, 14);
	assert_memory_equal(byte_at(1, 30), &memory[500], 14);
}

static void
similar_packets_share_a_wqe(void **state)
{
	struct rte_mbuf *pkts[36];
	unsigned int i;

	for (i = 0; i < RTE_DIM(pkts); i++)
		pkts[i] = packet(i, 64 * i, 64);
	for (i = 34; i < 36; i++)
		pkts[i]->ol_flags = RTE_MBUF_F_TX_IP_CKSUM;
	txq.dv.burst = bursts->mpw;
	txq.dv.max_blocks = 9;
	/* The last four blocks have room for 14 segments; the others begin anew. */
	txq.dv.sq.pi = txq.dv.sq.done = BLOCKS - 4;
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, pkts, 32), 32);
	check_ctrl(BLOCKS - 4, 0x29, BLOCKS - 4, 2 + 14, false);
	for (i = 0; i < 14; i++)
		check_data(BLOCKS - 4, 2 + i, 64 * i, 64, LKEY);
	check_ctrl(0, 0x29, BLOCKS, 2 + 18, true);
	for (i = 14; i < 32; i++)
		check_data(0, 2 + i - 14, 64 * i, 64, LKEY);
	check_doorbell(BLOCKS + 5, 0);
	complete(0, BLOCKS, MLX5_CQE_REQ);
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, &pkts[32], 4), 4);
	assert_int_equal(txq.done, 32);
	check_ctrl(5, 0x29, BLOCKS + 5, 4, false);
	check_ctrl(6, 0x29, BLOCKS + 6, 4, true);
	assert_int_equal(*byte_at(5, 20), 0);
	assert_int_equal(*byte_at(6, 20), 4);
}

static void
a_chain_splits_a_session(void **state)
{
	struct rte_mbuf *pkts[3] = {packet(0, 0, 64), packet(1, 64, 64), packet(2, 128, 64)};

	append(pkts[1], packet(3, 200, 64));
	txq.dv.burst = bursts->mpw;
	txq.dv.max_blocks = 9;
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, pkts, 3), 3);
	check_ctrl(0, 0x29, 0, 3, false);
	check_ctrl(1, MLX5_OPCODE_SEND, 1, 4, false);
	check_ctrl(2, 0x29, 2, 3, true);
	check_doorbell(3, 2);
}

/* More than a chunk of packets in one burst: a completion for each chunk. */
static void
a_long_burst_requests_intermediate_completions(void **state)
{
	static struct mlx5x_dv_seg large[128 * 4];
	static struct mlx5x_dv_mark large_marks[128];
	static struct rte_mbuf many[100], *large_elts[128], *pkts[100];
	static struct mlx5x_tx_run large_runs[128];
	unsigned int i;

	for (i = 0; i < RTE_DIM(pkts); i++) {
		many[i] = *packet(0, 0, 64);
		pkts[i] = &many[i];
	}
	txq.elts = large_elts;
	txq.runs.ring = large_runs;
	txq.size = 128;
	txq.dv.sq.segs = large;
	txq.dv.sq.marks = large_marks;
	txq.dv.sq.size = 128;
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, pkts, 100), 100);
	for (i = 0; i < RTE_DIM(pkts); i++)
		assert_int_equal(large[4 * i].words[1] != 0, i == 63 || i == 99);
	assert_int_equal(be32toh(sq_doorbell[MLX5_SND_DBR]), 100);
	complete(0, 63, MLX5_CQE_REQ);
	mlx5x_dp_dv_tx_reap(&txq);
	assert_int_equal(txq.done, 64);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASES(a_packet_uses_a_block_and_a_burst_one_completion),
		CASES(indices_and_owner_bits_wrap),
		CASES(a_full_ring_accepts_a_part),
		CASES(a_chain_wraps_at_the_end),
		CASES(a_segment_across_two_regions_uses_two_sges),
		CASES(inlined_bytes_wrap_at_the_end),
		CASES(a_device_with_min_inline_gets_headers),
		CASES(similar_packets_share_a_wqe),
		CASES(a_chain_splits_a_session),
		CASES(a_long_burst_requests_intermediate_completions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
