/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The transmit burst of wire=dv on rings in plain memory. What it wrote is read by a device that is
 * written here anew, from the layout of mlx5dv.h.
 */
#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <infiniband/mlx5dv.h>

#include "dp_dv.h"
#include "recover.h"
#include "refusal.h"
#include "txq.h"

#define BLOCKS 16u
#define PACKETS 64u
#define QPN 0x1234u
#define LKEY 0x700u

/* Memory: one region, and a second one right behind it with another key; nothing else. */
#define REGION 4096u
static uint8_t memory[3 * REGION] __attribute__((aligned(4096)));

static struct mlx5x_dv_seg ring[BLOCKS * 4];
static struct mlx5x_dv_mark marks[BLOCKS];
static struct mlx5_cqe64 cqes[4];
static uint32_t sq_doorbell[2], cq_doorbell[2];
static uint64_t uar;
static struct rte_mbuf *elts[PACKETS];
static struct rte_mbuf mbufs[PACKETS];
static uint64_t cache_misses;
static struct mlx5x_mr_table mrs;
static struct mlx5x_txq txq;
static enum mlx5x_refusal refused[4];
static unsigned int nb_refused, nb_recovered;

const struct mlx5x_mr_entry *
mlx5x_mr_index_find(const struct mlx5x_mr_index *index, uintptr_t addr)
{
	static struct mlx5x_mr_entry entry;
	size_t offset = addr - (uintptr_t)memory;

	if (offset >= 2 * REGION)
		return NULL;
	entry.start = (uintptr_t)&memory[offset / REGION * REGION];
	entry.len = REGION;
	entry.lkey = LKEY + offset / REGION;
	return &entry;
}

bool
mlx5x_refusal_settle(struct mlx5x_txq *queue, struct rte_mbuf *pkt, enum mlx5x_refusal why,
	int *misses)
{
	refused[nb_refused++] = why;
	return true;
}

uint32_t
mlx5x_txq_free_done(struct mlx5x_txq *queue)
{
	uint32_t n = queue->done - queue->freed;

	queue->freed = queue->done;
	return n;
}

void
mlx5x_recover(struct mlx5x_port *port, uint16_t index)
{
	nb_recovered++;
}

static int
set_up(void **state)
{
	uint32_t i;

	memset(&txq, 0, sizeof(txq));
	memset(ring, 0xa5, sizeof(ring));
	memset(cqes, 0, sizeof(cqes));
	for (i = 0; i < RTE_DIM(cqes); i++)
		cqes[i].op_own = MLX5_CQE_INVALID << 4;
	uar = sq_doorbell[1] = cq_doorbell[0] = 0;
	nb_refused = nb_recovered = 0;
	txq.user.cache.misses = &cache_misses;
	txq.mrs = &mrs;
	txq.elts = elts;
	txq.size = PACKETS;
	txq.max_frame = 1522;
	txq.max_sge = 6;
	txq.max_segs = UINT16_MAX;
	txq.dv.cq = (struct mlx5x_dv_cq){.cqes = cqes, .doorbell = cq_doorbell, .size = RTE_DIM(cqes)};
	txq.dv.sq = (struct mlx5x_dv_sq){.segs = ring, .marks = marks, .doorbell = sq_doorbell,
		.uar = &uar, .size = BLOCKS, .qpn = QPN << 8};
	txq.dv.write = mlx5x_dp_dv_write_plain;
	txq.dv.max_blocks = 2;
	for (i = 0; i < RTE_DIM(txq.dv.checksums); i++)
		txq.dv.checksums[i] = htobe64((uint64_t)i << 24);
	return 0;
}

/* A packet of one segment at the offset in memory. */
static struct rte_mbuf *
packet(unsigned int i, uint32_t offset, uint16_t len)
{
	mbufs[i] = (struct rte_mbuf){.buf_addr = memory, .data_off = offset, .nb_segs = 1,
		.data_len = len, .pkt_len = len};
	return &mbufs[i];
}

static void
append(struct rte_mbuf *pkt, struct rte_mbuf *seg)
{
	struct rte_mbuf *last = pkt;

	while (last->next != NULL)
		last = last->next;
	last->next = seg;
	pkt->nb_segs++;
	pkt->pkt_len += seg->data_len;
}

/* Sends n packets of 64 bytes; the burst takes all. */
static void
send_some(uint16_t n)
{
	struct rte_mbuf *pkts[PACKETS];
	uint16_t i;

	for (i = 0; i < n; i++)
		pkts[i] = packet(i, 64 * i, 64);
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, pkts, n), n);
}

static const uint8_t *
byte_at(uint32_t block, uint32_t offset)
{
	return (uint8_t *)ring + (block * 64 + offset) % sizeof(ring);
}

static uint32_t
word_at(uint32_t block, uint32_t offset)
{
	uint32_t word;

	memcpy(&word, byte_at(block, offset), sizeof(word));
	return be32toh(word);
}

/* The request at the block: opcode, index, segments, and whether a completion is asked for. */
static void
check_ctrl(uint32_t block, uint8_t opcode, uint16_t index, uint32_t nb_segs, bool asks)
{
	assert_int_equal(word_at(block, 0), (uint32_t)index << 8 | opcode);
	assert_int_equal(word_at(block, 4), QPN << 8 | nb_segs);
	assert_int_equal(word_at(block, 8), asks ? 8 : 0);
	assert_int_equal(word_at(block, 12), 0);
}

static void
check_data(uint32_t block, uint32_t seg, uint32_t offset, uint32_t len, uint32_t lkey)
{
	uint64_t addr;

	memcpy(&addr, byte_at(block, seg * 16 + 8), sizeof(addr));
	assert_int_equal(word_at(block, seg * 16), len);
	assert_int_equal(word_at(block, seg * 16 + 4), lkey);
	assert_int_equal(be64toh(addr), (uintptr_t)&memory[offset]);
}

/* The doorbell was rung behind the block before pi, for the request at block last. */
static void
check_doorbell(uint16_t pi, uint32_t last)
{
	assert_int_equal(be32toh(sq_doorbell[MLX5_SND_DBR]), pi);
	assert_memory_equal(&uar, byte_at(last, 0), sizeof(uar));
}

/* The device completes request index, as the nth of all completions. */
static void
complete(uint32_t nth, uint16_t index, uint8_t opcode)
{
	struct mlx5_cqe64 *cqe = &cqes[nth % RTE_DIM(cqes)];

	cqe->wqe_counter = htobe16(index);
	cqe->op_own = opcode << 4 | (nth / RTE_DIM(cqes) & 1);
}

static void
a_packet_takes_a_block_and_a_burst_one_completion(void **state)
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

/* Index 65,535 is followed by 0, and the owner bit turns with each round of the four completions. */
static void
indices_and_owner_bits_go_round(void **state)
{
	uint32_t n, pi = 65536 - 2 * BLOCKS;

	txq.dv.sq.pi = txq.dv.sq.done = pi;
	for (n = 0; n < 20; n++, pi += 5) {
		send_some(5);
		assert_int_equal(txq.done, 5 * n);
		check_ctrl(pi % BLOCKS, MLX5_OPCODE_SEND, pi, 3, false);
		check_ctrl((pi + 4) % BLOCKS, MLX5_OPCODE_SEND, pi + 4, 3, true);
		check_doorbell(pi + 5, (pi + 4) % BLOCKS);
		/* What is still there from the round before is no completion. */
		mlx5x_dp_dv_tx_reap(&txq);
		assert_int_equal(txq.done, 5 * n);
		complete(n, pi + 4, MLX5_CQE_REQ);
		mlx5x_dp_dv_tx_reap(&txq);
		assert_int_equal(txq.done, 5 * n + 5);
	}
}

static void
a_full_ring_takes_what_fits(void **state)
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

/* Four data segments behind control and Ethernet: a block and a half, here round the ring's end. */
static void
a_chain_goes_round_the_end(void **state)
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
a_segment_across_two_regions_takes_two(void **state)
{
	struct rte_mbuf *pkt = packet(0, REGION - 10, 64);

	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, &pkt, 1), 1);
	check_ctrl(0, MLX5_OPCODE_SEND, 0, 4, true);
	check_data(0, 2, REGION - 10, 10, LKEY);
	check_data(0, 3, REGION, 54, LKEY + 1);
}

static void
a_bad_packet_costs_one_packet(void **state)
{
	struct rte_mbuf *pkts[] = {packet(0, 0, 64), packet(1, 2 * REGION, 64), packet(2, 0, 13),
		packet(3, 0, 1523), packet(4, 64, 64), packet(5, 128, 64)};
	unsigned int i;

	for (i = 0; i < 6; i++)
		append(pkts[4], packet(10 + i, 0, 20));
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, pkts, RTE_DIM(pkts)), RTE_DIM(pkts));
	assert_int_equal(nb_refused, 4);
	assert_int_equal(refused[0], MLX5X_REFUSED_UNMAPPED);
	assert_int_equal(refused[1], MLX5X_REFUSED_UNDERSIZE);
	assert_int_equal(refused[2], MLX5X_REFUSED_OVERSIZE);
	assert_int_equal(refused[3], MLX5X_REFUSED_SEGMENTS);
	check_ctrl(1, MLX5_OPCODE_SEND, 1, 3, true);
	check_data(1, 2, 128, 64, LKEY);
	check_doorbell(2, 1);
	assert_int_equal(txq.stats.packets, 2);
}

static void
a_chain_of_nothing_is_refused(void **state)
{
	struct rte_mbuf *pkt = packet(0, 0, 0);

	append(pkt, packet(1, 0, 0));
	pkt->pkt_len = 64;
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, &pkt, 1), 1);
	assert_int_equal(refused[0], MLX5X_REFUSED_UNDERSIZE);
	assert_int_equal(uar, 0);
}

/* By each way of writing: whatever it says of its length, the frame is what the segments hold. */
static void
a_chain_that_tells_a_wrong_length_is_what_it_holds(void **state)
{
	const mlx5x_dv_write_t ways[] = {mlx5x_dp_dv_write_plain, mlx5x_dp_dv_write_mpw,
		mlx5x_dp_dv_write_inline};
	struct rte_mbuf *pkts[4];
	uint32_t i;

	for (i = 0; i < RTE_DIM(ways); i++) {
		set_up(NULL);
		txq.dv.write = ways[i];
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
		assert_int_equal(refused[0], MLX5X_REFUSED_OVERSIZE);
		assert_int_equal(refused[1], MLX5X_REFUSED_UNDERSIZE);
		assert_int_equal(txq.stats.packets, 2);
		assert_int_equal(txq.stats.bytes, 160);
	}
}

static void
mbufs_that_are_freed_unread_must_not_be_chains(void **state)
{
	struct rte_mbuf *pkt = packet(0, 0, 64);

	append(pkt, packet(1, 64, 64));
	txq.max_segs = 1;
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, &pkt, 1), 1);
	assert_int_equal(refused[0], MLX5X_REFUSED_SEGMENTS);
}

/* 100 bytes from byte 30 of the last block on: 34 there, the rest from the ring's first byte on. */
static void
inlined_bytes_go_round_the_end(void **state)
{
	struct rte_mbuf *pkt = packet(0, 0, 70);
	uint8_t got[100];
	uint32_t i;

	for (i = 0; i < sizeof(memory); i++)
		memory[i] = i * 7;
	append(pkt, packet(1, 70, 30));
	txq.dv.write = mlx5x_dp_dv_write_inline;
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
a_device_that_wants_headers_gets_them(void **state)
{
	struct rte_mbuf *pkts[2] = {packet(0, 0, 10), packet(2, 500, 14)};

	append(pkts[0], packet(1, 300, 60));
	txq.dv.write = mlx5x_dp_dv_write_inline;
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
packets_alike_share_a_request(void **state)
{
	struct rte_mbuf *pkts[36];
	unsigned int i;

	for (i = 0; i < RTE_DIM(pkts); i++)
		pkts[i] = packet(i, 64 * i, 64);
	for (i = 34; i < 36; i++)
		pkts[i]->ol_flags = RTE_MBUF_F_TX_IP_CKSUM;
	txq.dv.write = mlx5x_dp_dv_write_mpw;
	txq.dv.max_blocks = 9;
	/* Nine blocks, from the last but four on: the segments go round the end. */
	txq.dv.sq.pi = txq.dv.sq.done = BLOCKS - 4;
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, pkts, 32), 32);
	check_ctrl(BLOCKS - 4, 0x29, BLOCKS - 4, 34, true);
	for (i = 0; i < 32; i++)
		check_data(BLOCKS - 4, 2 + i, 64 * i, 64, LKEY);
	check_doorbell(BLOCKS + 5, BLOCKS - 4);
	complete(0, BLOCKS - 4, MLX5_CQE_REQ);
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, &pkts[32], 4), 4);
	assert_int_equal(txq.done, 32);
	check_ctrl(5, 0x29, BLOCKS + 5, 4, false);
	check_ctrl(6, 0x29, BLOCKS + 6, 4, true);
	assert_int_equal(*byte_at(5, 20), 0);
	assert_int_equal(*byte_at(6, 20), 4);
}

static void
a_chain_parts_what_would_share(void **state)
{
	struct rte_mbuf *pkts[3] = {packet(0, 0, 64), packet(1, 64, 64), packet(2, 128, 64)};

	append(pkts[1], packet(3, 200, 64));
	txq.dv.write = mlx5x_dp_dv_write_mpw;
	txq.dv.max_blocks = 9;
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, pkts, 3), 3);
	check_ctrl(0, 0x29, 0, 3, false);
	check_ctrl(1, MLX5_OPCODE_SEND, 1, 4, false);
	check_ctrl(2, 0x29, 2, 3, true);
	check_doorbell(3, 2);
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
	/* The ring was reset: from the first block on, behind the completions of before. */
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

/* An application that has nothing more to send, and waits for what it sent. */
static void
an_empty_burst_takes_completions_in(void **state)
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

/* More than a chunk of packets in one burst: a completion each, one doorbell. */
static void
a_long_burst_asks_for_a_completion_now_and_then(void **state)
{
	static struct mlx5x_dv_seg large[128 * 4];
	static struct mlx5x_dv_mark large_marks[128];
	static struct rte_mbuf many[100], *large_elts[128], *pkts[100];
	unsigned int i;

	for (i = 0; i < RTE_DIM(pkts); i++) {
		many[i] = *packet(0, 0, 64);
		pkts[i] = &many[i];
	}
	txq.elts = large_elts;
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

#define CASE(f) cmocka_unit_test_setup(f, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_packet_takes_a_block_and_a_burst_one_completion),
		CASE(indices_and_owner_bits_go_round),
		CASE(a_full_ring_takes_what_fits),
		CASE(a_chain_goes_round_the_end),
		CASE(a_segment_across_two_regions_takes_two),
		CASE(a_bad_packet_costs_one_packet),
		CASE(a_chain_of_nothing_is_refused),
		CASE(a_chain_that_tells_a_wrong_length_is_what_it_holds),
		CASE(mbufs_that_are_freed_unread_must_not_be_chains),
		CASE(inlined_bytes_go_round_the_end),
		CASE(a_device_that_wants_headers_gets_them),
		CASE(packets_alike_share_a_request),
		CASE(a_chain_parts_what_would_share),
		CASE(an_error_counts_once_and_stops_the_queue),
		CASE(an_empty_burst_takes_completions_in),
		CASE(a_long_burst_asks_for_a_completion_now_and_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
