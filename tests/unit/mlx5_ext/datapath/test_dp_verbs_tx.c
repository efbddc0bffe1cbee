/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The transmit burst by ibv_post_send, against a device that keeps posted requests: frames, and
 * packets that are dropped, with the reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "datapath/dp_verbs.h"
#include "datapath/drop.h"
#include "empty_index.h"
#include "fake_heap.h"
#include "fake_pool.h"
#include "queue/recover.h"
#include "queue/tx_free.h"
#include "queue/txq.h"

#define RING 64u
#define MAX_SGE 4u
#define MAX_FRAME 1522u
#define LKEY 0x700u

/* Memory: two MRs, one right behind the other; no other. */
#define REGION 4096u
static uint8_t memory[5 * REGION] __attribute__((aligned(4096)));

static struct rte_mbuf mbufs[RING], *elts[RING];
static struct fake_pool pool;	/* of all mbufs */
static struct mlx5x_tx_run runs[RING];
static uint64_t cache_misses;
static struct mlx5x_mr_table mrs = {.index.table = &empty_index};
static struct mlx5x_txq txq;
static enum mlx5x_drop_reason refused[RING];
static unsigned int nb_refused, nb_recovered;

/* MRs with an lkey; with registers, a dropped packet adds the next one. */
static unsigned int nb_regions, most_misses;
static bool registers;

/* The device: it accepts so many requests, then rejects one; negative: it accepts all. */
static struct ibv_context device;
static struct ibv_qp qp = {.context = &device};
static struct ibv_cq cq = {.context = &device};
static struct {
	uint32_t len, nb_sge, number;
	enum ibv_wr_opcode opcode;
} sent[RING];
static unsigned int nb_sent;
static int takes;

static int
post_send(struct ibv_qp *of, struct ibv_send_wr *wr, struct ibv_send_wr **bad)
{
	int i;

	for (; wr != NULL; wr = wr->next) {
		if (takes == 0) {
			*bad = wr;
			return ENOMEM;
		}
		takes--;
		sent[nb_sent].len = 0;
		sent[nb_sent].nb_sge = wr->num_sge;
		sent[nb_sent].opcode = wr->opcode;
		sent[nb_sent].number = rte_be_to_cpu_32(wr->imm_data);
		for (i = 0; i < wr->num_sge; i++) {
			/* Devices interpret 0 as 2 GB. */
			assert_int_not_equal(wr->sg_list[i].length, 0);
			sent[nb_sent].len += wr->sg_list[i].length;
		}
		nb_sent++;
	}
	return 0;
}

/* CQEs: so many of sent packets, then some of others. */
static uint32_t nb_good, nb_bad;

static int
poll_cq(struct ibv_cq *of, int n, struct ibv_wc *wc)
{
	static uint32_t id;

	if (nb_good + nb_bad == 0)
		return id = 0;
	wc->wr_id = id++;
	wc->status = nb_good != 0 ? IBV_WC_SUCCESS : IBV_WC_WR_FLUSH_ERR;
	if (nb_good != 0)
		nb_good--;
	else
		nb_bad--;
	return 1;
}

const struct mlx5x_mr_entry *
mlx5x_mr_index_search(const struct mlx5x_mr_index_table *index, uintptr_t addr)
{
	static struct mlx5x_mr_entry entry;
	size_t offset = addr - (uintptr_t)memory;

	if (offset >= nb_regions * REGION)
		return NULL;
	entry.start = (uintptr_t)&memory[offset / REGION * REGION];
	entry.len = REGION;
	entry.lkey = LKEY + offset / REGION;
	return &entry;
}

uint16_t
mlx5x_drop_handle(struct mlx5x_txq *queue, struct rte_mbuf **pkts, uint16_t n,
	enum mlx5x_drop_reason why, int *misses)
{
	if (registers) {
		nb_regions++;
		most_misses = RTE_MAX(most_misses, (unsigned int)++*misses);
		return 0;
	}
	refused[nb_refused++] = why;
	return 1;
}

void
mlx5x_tx_free_each(struct rte_mbuf **pkts, uint32_t n)
{
}

void
mlx5x_recover(struct mlx5x_port *port, uint16_t index)
{
	nb_recovered++;
}

static int
set_up(void **state)
{
	memset(&txq, 0, sizeof(txq));
	fake_pool_init(&pool);
	nb_refused = nb_recovered = nb_sent = most_misses = 0;
	nb_regions = 2;
	registers = false;
	takes = -1;
	device.ops.post_send = post_send;
	device.ops.poll_cq = poll_cq;
	txq.user.cache.misses = &cache_misses;
	txq.mrs = &mrs;
	txq.elts = elts;
	txq.runs.ring = runs;
	txq.size = RING;
	txq.max_frame = MAX_FRAME;
	txq.max_sge = MAX_SGE;
	txq.qp = &qp;
	txq.cq = &cq;
	return mlx5x_dp_verbs_tx_attach(&txq);
}

static int
tear_down(void **state)
{
	mlx5x_dp_verbs_tx_detach(&txq);
	return 0;
}

static struct rte_mbuf *
packet(unsigned int i, uint32_t offset, uint16_t len)
{
	mbufs[i] = (struct rte_mbuf){.buf_addr = memory, .data_off = offset, .nb_segs = 1,
		.data_len = len, .pkt_len = len, .pool = &pool.mp};
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

/* One packet: sent with that length, in so many SGEs. */
static void
expect_sent(struct rte_mbuf *pkt, uint32_t len, uint32_t nb_sge)
{
	uint64_t bytes = txq.stats.bytes;

	assert_int_equal(mlx5x_dp_verbs_tx_burst(&txq, &pkt, 1), 1);
	assert_int_equal(nb_refused, 0);
	assert_int_equal(nb_sent, 1);
	assert_int_equal(sent[0].len, len);
	assert_int_equal(sent[0].nb_sge, nb_sge);
	assert_int_equal(txq.stats.bytes, bytes + len);
	nb_sent = 0;
}

static void
expect_refused(struct rte_mbuf *pkt, enum mlx5x_drop_reason why)
{
	uint64_t packets = txq.stats.packets, bytes = txq.stats.bytes;

	assert_int_equal(mlx5x_dp_verbs_tx_burst(&txq, &pkt, 1), 1);
	assert_int_equal(nb_refused, 1);
	assert_int_equal(refused[0], why);
	assert_int_equal(nb_sent, 0);
	assert_int_equal(txq.stats.packets, packets);
	assert_int_equal(txq.stats.bytes, bytes);
	nb_refused = 0;
}

static void
a_frame_has_a_header_at_least(void **state)
{
	expect_refused(packet(0, 0, 0), MLX5X_DROP_UNDERSIZE);
	expect_refused(packet(0, 0, 13), MLX5X_DROP_UNDERSIZE);
	assert_int_equal(txq.stats.lookups, 0);
	expect_sent(packet(0, 0, 14), 14, 1);
}

static void
a_frame_is_limited_by_the_other_end(void **state)
{
	expect_sent(packet(0, 0, MAX_FRAME), MAX_FRAME, 1);
	assert_int_equal(txq.stats.lookups, 1);
	expect_refused(packet(0, 0, MAX_FRAME + 1), MLX5X_DROP_OVERSIZE);
	assert_int_equal(txq.stats.lookups, 1);
}

/* Attempts are counted per packet, whatever the burst has registered for others. */
static void
each_packet_of_a_burst_has_its_own_attempts(void **state)
{
	struct rte_mbuf *pkts[3];
	unsigned int i;

	for (i = 0; i < 3; i++)
		pkts[i] = packet(i, (2 + i) * REGION, 64);
	registers = true;
	assert_int_equal(mlx5x_dp_verbs_tx_burst(&txq, pkts, 3), 3);
	assert_int_equal(nb_sent, 3);
	assert_int_equal(nb_regions, 5);
	assert_int_equal(most_misses, 1);
}

static void
empty_segments_use_no_sge(void **state)
{
	struct rte_mbuf *pkt = packet(0, 0, 0);

	append(pkt, packet(1, 64, 30));
	append(pkt, packet(2, 2 * REGION, 0));
	append(pkt, packet(3, 128, 34));
	append(pkt, packet(4, 0, 0));
	expect_sent(pkt, 64, 2);
}

static void
an_empty_chain_is_rejected(void **state)
{
	struct rte_mbuf *pkt = packet(0, 0, 0);

	append(pkt, packet(1, 0, 0));
	expect_refused(pkt, MLX5X_DROP_UNDERSIZE);
	/* Its pkt_len is wrong: its segments are empty. */
	pkt->pkt_len = 64;
	expect_refused(pkt, MLX5X_DROP_UNDERSIZE);
}

/* Whatever its pkt_len: the frame consists of the segments. */
static void
a_wrong_pkt_len_is_ignored(void **state)
{
	struct rte_mbuf *pkt = packet(0, 0, 1000);

	append(pkt, packet(1, 1000, 1000));
	pkt->pkt_len = 64;
	expect_refused(pkt, MLX5X_DROP_OVERSIZE);
	pkt = packet(0, 0, 7);
	append(pkt, packet(1, 64, 6));
	pkt->pkt_len = 64;
	expect_refused(pkt, MLX5X_DROP_UNDERSIZE);
	pkt = packet(0, 0, 40);
	append(pkt, packet(1, 64, 40));
	pkt->pkt_len = 60;
	expect_sent(pkt, 80, 2);
	pkt->pkt_len = 100;
	expect_sent(pkt, 80, 2);
}

static void
a_single_segment_is_as_long_as_its_data(void **state)
{
	struct rte_mbuf *pkt = packet(0, 0, 40);

	pkt->pkt_len = 9000;
	expect_sent(pkt, 40, 1);
	pkt->pkt_len = 0;
	expect_sent(pkt, 40, 1);
	pkt = packet(0, 0, 4);
	pkt->pkt_len = 64;
	expect_refused(pkt, MLX5X_DROP_UNDERSIZE);
}

static void
a_bad_packet_loses_one_packet(void **state)
{
	struct rte_mbuf *pkts[] = {packet(0, 0, 64), packet(1, 2 * REGION, 64), packet(2, 0, 0),
		packet(3, 0, MAX_FRAME + 1), packet(4, 64, 64), packet(5, REGION - 10, 64)};
	unsigned int i;

	for (i = 0; i < MAX_SGE; i++)
		append(pkts[4], packet(10 + i, 0, 20));
	assert_int_equal(mlx5x_dp_verbs_tx_burst(&txq, pkts, RTE_DIM(pkts)), RTE_DIM(pkts));
	assert_int_equal(nb_refused, 4);
	assert_int_equal(refused[0], MLX5X_DROP_UNMAPPED);
	assert_int_equal(refused[1], MLX5X_DROP_UNDERSIZE);
	assert_int_equal(refused[2], MLX5X_DROP_OVERSIZE);
	assert_int_equal(refused[3], MLX5X_DROP_SEGMENTS);
	assert_int_equal(nb_sent, 2);
	/* Across the border of two MRs. */
	assert_int_equal(sent[1].nb_sge, 2);
	assert_int_equal(txq.stats.packets, 2);
	assert_int_equal(txq.stats.bytes, 128);
	/* One, a failed one, none, none, one per SGE and a failed one, two. */
	assert_int_equal(txq.stats.lookups, 1 + 1 + MAX_SGE + 1 + 2);
}

/*
 * Packets that the device did not accept count neither as packets nor as bytes, and stay the
 * caller's.
 */
static void
a_refused_post_keeps_the_counters_exact(void **state)
{
	struct rte_mbuf *pkts[] = {packet(0, 0, 64), packet(1, 0, 100), packet(2, 0, 300),
		packet(3, 0, 0)};

	takes = 2;
	assert_int_equal(mlx5x_dp_verbs_tx_burst(&txq, pkts, RTE_DIM(pkts)), 2);
	assert_int_equal(txq.stats.packets, 2);
	assert_int_equal(txq.stats.bytes, 164);
	assert_int_equal(nb_refused, 0);
	assert_true(txq.failed);
	assert_uint_in_range(nb_recovered, 1, 2);
}

/* Those that are not sent have no number, so that the other end does not miss them. */
static void
frames_are_numbered_from_the_connection_on(void **state)
{
	struct rte_mbuf *pkts[] = {packet(0, 0, 64), packet(1, 0, 4), packet(2, 0, 64),
		packet(3, 0, 64), packet(4, 0, 64)};
	unsigned int i;

	mlx5x_dp_verbs_tx_detach(&txq);
	assert_int_equal(mlx5x_dp_verbs_numbered_tx_attach(&txq), 0);
	txq.head = txq.done = txq.freed = UINT32_MAX - 1;
	txq.first = txq.head - 7;
	takes = 3;
	assert_int_equal(mlx5x_dp_verbs_numbered_tx_burst(&txq, pkts, 5), 4);
	txq.failed = false;
	takes = -1;
	assert_int_equal(mlx5x_dp_verbs_numbered_tx_burst(&txq, &pkts[4], 1), 1);
	assert_int_equal(nb_refused, 1);
	assert_int_equal(nb_sent, 4);
	for (i = 0; i < nb_sent; i++) {
		assert_int_equal(sent[i].opcode, IBV_WR_SEND_WITH_IMM);
		assert_int_equal(sent[i].number, 7 + i);
	}
}

static void
an_empty_burst_does_not_access_the_device(void **state)
{
	assert_int_equal(mlx5x_dp_verbs_tx_burst(&txq, NULL, 0), 0);
	assert_int_equal(nb_sent, 0);
	mlx5x_txq_fail(&txq);
	assert_int_equal(mlx5x_dp_verbs_tx_burst(&txq, NULL, 0), 0);
	assert_int_equal(nb_recovered, 1);
}

/* A reset of the QP, before a burst has seen them. */
static void
packets_that_are_sent_are_not_lost(void **state)
{
	txq.head = 5;
	nb_good = 3;
	nb_bad = 2;
	mlx5x_dp_verbs_tx_discard(&txq);
	assert_int_equal(nb_good + nb_bad, 0);
	assert_int_equal(txq.done, 3);
	assert_false(txq.failed);
	assert_int_equal(txq.stats.errors, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_frame_has_a_header_at_least),
		CASE(a_frame_is_limited_by_the_other_end),
		CASE(each_packet_of_a_burst_has_its_own_attempts),
		CASE(empty_segments_use_no_sge),
		CASE(an_empty_chain_is_rejected),
		CASE(a_wrong_pkt_len_is_ignored),
		CASE(a_single_segment_is_as_long_as_its_data),
		CASE(a_bad_packet_loses_one_packet),
		CASE(a_refused_post_keeps_the_counters_exact),
		CASE(frames_are_numbered_from_the_connection_on),
		CASE(packets_that_are_sent_are_not_lost),
		CASE(an_empty_burst_does_not_access_the_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
