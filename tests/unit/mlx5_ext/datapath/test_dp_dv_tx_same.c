/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random bursts, of which most packets are usual ones, or chains, and some everything that one can
 * be: the transmit bursts of all instruction sets write, count, drop and keep the same as the
 * scalar ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "dv_tx_fixture.h"
#include "random.h"

#define ROUNDS 20000u
#define BURST 40u
#define SEGS 4u

/* Memory of many regions, of 64 bytes to 8 KiB; gaps without an lkey between some. */
#define AREA (64u * 4096u)
static uint8_t area[AREA] __attribute__((aligned(4096)));

static struct rte_mbuf segs[BURST][SEGS];
static struct rte_mempool pools[2];
/* Packets lie in so many bytes of the area from base on; 0: in memory. */
static uint32_t spread, base;
/* Of the queue, before the burst. */
static struct mlx5x_mr_cache last_region;

/* What a burst leaves behind. */
struct outcome {
	struct mlx5x_dv_seg ring[BLOCKS * 4];
	struct mlx5x_dv_mark marks[BLOCKS];
	struct rte_mbuf *elts[PACKETS];
	struct mlx5x_tx_run runs[PACKETS];
	struct mlx5x_tx_runs indices;
	struct rte_mbuf *tails[TAILS], segs[BURST][SEGS];
	uint32_t tails_head;
	struct mlx5x_txq_stats stats;
	enum mlx5x_drop_reason refused[RTE_DIM(refused)];
	uint32_t nb_refused, head, pi, doorbell;
	uint64_t uar, cache_misses;
	uint16_t sent;
};

static bool
rarely(void)
{
	return random_below(40) == 0;
}

static void
set_up_area(void)
{
	static bool is_set_up;
	uint32_t at = 0, len;

	if (is_set_up)
		return;
	is_set_up = true;
	for (random_state = 1; at < AREA; at += len) {
		len = 64u << random_below(8);
		len = random_below(8) == 0 ? len - random_below(40) : len;
		if (!rarely())
			add_region(&area[at], RTE_MIN(len, AREA - at), LKEY + 2 + at / 64);
	}
}

static void
make_segment(struct rte_mbuf *seg)
{
	*seg = (struct rte_mbuf){.buf_addr = memory, .nb_segs = 1, .refcnt = 1, .pool = &pools[0],
		.data_off = random_below(REGION - 1600), .data_len = 14 + random_below(1500)};
	if (spread != 0) {
		seg->buf_addr = &area[base];
		seg->data_off = random_below(spread);
		seg->data_len = 14 + random_below(random_below(4) == 0 ? 1500 : 60);
	}
	if (rarely())
		seg->data_off = random_below(2 * REGION + 100);
	if (rarely())
		seg->data_len = random_below(2000);
	if (rarely())
		seg->refcnt = random_below(3);
	if (rarely())
		seg->pool = &pools[1];
	if (rarely())
		seg->ol_flags |= random_below(2) ? RTE_MBUF_F_EXTERNAL : RTE_MBUF_F_INDIRECT;
}

static struct rte_mbuf *
make_packet(uint32_t i, uint64_t flags, bool chains)
{
	struct rte_mbuf *pkt = segs[i];
	uint32_t n;

	make_segment(pkt);
	pkt->ol_flags |= rarely() ? (uint64_t)random_below(8) << MLX5X_DP_DV_CHECKSUMS_SHIFT : flags;
	for (n = 1; n < SEGS && (chains ? random_below(4) != 0 : rarely()); n++) {
		make_segment(&segs[i][n]);
		segs[i][n].data_len /= 4;
		if (chains && !rarely())
			pkt->data_len = 14 + pkt->data_len % 300;
		append(pkt, &segs[i][n]);
	}
	return pkt;
}

/* Sends copies of the packets by the burst in a queue that is at this position, and has this much room. */
static void
send_by(eth_tx_burst_t burst, bool mpw, struct rte_mbuf **pkts, uint16_t n, uint32_t at,
	uint32_t used, struct outcome *outcome)
{
	static struct rte_mbuf originals[BURST][SEGS];

	set_up(NULL);
	memcpy(originals, segs, sizeof(segs));
	memset(ring, 0, sizeof(ring));
	memset(tails, 0, sizeof(tails));
	txq.tails.head = txq.tails.tail = at;
	memset(marks, 0, sizeof(marks));
	memset(elts, 0, sizeof(elts));
	memset(runs, 0, sizeof(runs));
	memset(refused, 0, sizeof(refused));
	sq_doorbell[MLX5_SND_DBR] = 0;
	txq.head = txq.done = txq.freed = at;
	txq.dv.sq.pi = at;
	txq.dv.sq.done = at - used;
	txq.dv.burst = burst;
	txq.user.cache = last_region;
	txq.dv.max_blocks = mpw ? 9 : 2;
	cache_misses = 0;
	*outcome = (struct outcome){.sent = mlx5x_dp_dv_tx_burst(&txq, pkts, n)};
	memcpy(outcome->ring, ring, sizeof(ring));
	memcpy(outcome->marks, marks, sizeof(marks));
	memcpy(outcome->elts, elts, sizeof(elts));
	memcpy(outcome->runs, runs, sizeof(runs));
	memcpy(outcome->tails, tails, sizeof(outcome->tails));
	memcpy(outcome->segs, segs, sizeof(segs));
	memcpy(segs, originals, sizeof(segs));
	outcome->tails_head = txq.tails.head;
	memcpy(outcome->refused, refused, sizeof(refused));
	outcome->indices = txq.runs;
	outcome->stats = txq.stats;
	outcome->nb_refused = nb_refused;
	outcome->head = txq.head;
	outcome->pi = txq.dv.sq.pi;
	outcome->doorbell = sq_doorbell[MLX5_SND_DBR];
	outcome->uar = uar;
	outcome->cache_misses = cache_misses;
}

/* The promise of a queue with fast free: plain packets of one pool, without checksum flags. */
static struct rte_mbuf *
make_plain(struct rte_mbuf *pkt)
{
	make_segment(pkt);
	pkt->pool = &pools[0];
	pkt->refcnt = 1;
	pkt->ol_flags = 0;
	return pkt;
}

/* How often a key is looked up of packets that the fast path leaves to another is free. */
static void
check_same(struct outcome *a, struct outcome *b)
{
	a->stats.lookups = b->stats.lookups = 0;
	assert_int_equal(a->sent, b->sent);
	assert_int_equal(a->nb_refused, b->nb_refused);
	assert_memory_equal(a->refused, b->refused, sizeof(a->refused));
	assert_memory_equal(&a->stats, &b->stats, sizeof(a->stats));
	assert_int_equal(a->head, b->head);
	assert_memory_equal(a->elts, b->elts, sizeof(a->elts));
	assert_memory_equal(&a->indices, &b->indices, sizeof(a->indices));
	assert_memory_equal(a->runs, b->runs, sizeof(a->runs));
	assert_int_equal(a->tails_head, b->tails_head);
	assert_memory_equal(a->tails, b->tails, sizeof(a->tails));
	assert_memory_equal(a->segs, b->segs, sizeof(a->segs));
	assert_int_equal(a->pi, b->pi);
	assert_int_equal(a->doorbell, b->doorbell);
	assert_int_equal(a->uar, b->uar);
	assert_int_equal(a->cache_misses, b->cache_misses);
	assert_memory_equal(a->marks, b->marks, sizeof(a->marks));
	assert_memory_equal(a->ring, b->ring, sizeof(a->ring));
}

/* None, or one of the two in memory. */
static void
set_last_region(void)
{
	uint32_t nth = random_below(3);

	last_region = (struct mlx5x_mr_cache){.misses = &cache_misses};
	if (nth == 2)
		return;
	last_region.start = (uintptr_t)&memory[nth * REGION];
	last_region.len = REGION;
	last_region.lkey = LKEY + nth;
}

static void
compare(bool promised)
{
	const uint64_t flags = random_below(2) == 0 ? 0 : RTE_MBUF_F_TX_IP_CKSUM;
	uint32_t n = 1 + random_below(BURST), at = random_below(3 * PACKETS), i;
	uint32_t used = random_below(4) == 0 ? random_below(BLOCKS) : 0;
	static struct outcome wanted, got;
	struct rte_mbuf *pkts[BURST];
	bool mpw = random_below(2), chains = random_below(2);
	eth_tx_burst_t burst = mpw ? bursts->mpw : bursts->plain;

	spread = random_below(2) == 0 ? 0 : random_below(2) == 0 ? 60000 : 12000;
	base = random_below(AREA - 65536);
	set_last_region();
	for (i = 0; i < n; i++)
		pkts[i] = promised ? make_plain(segs[i]) : make_packet(i, flags, chains);
	if (promised)
		burst = mpw ? bursts->mpw_promised : bursts->plain_promised;
	send_by(mpw ? mlx5x_dv_bursts_scalar.mpw : mlx5x_dv_bursts_scalar.plain, mpw, pkts, n, at, used,
		&wanted);
	send_by(burst, mpw, pkts, n, at, used, &got);
	check_same(&wanted, &got);
}

/* The burst with inlined bytes, of which there are none, takes the slow path for all packets. */
static void
compare_one(void)
{
	const uint64_t flags = random_below(2) == 0 ? 0 : RTE_MBUF_F_TX_IP_CKSUM;
	uint32_t at = random_below(3 * PACKETS), used = random_below(2) == 0 ? random_below(BLOCKS + 1) : 0;
	static struct outcome wanted, got;
	struct rte_mbuf *pkt = segs[0];

	set_last_region();
	make_segment(pkt);
	pkt->ol_flags |= flags;
	send_by(mlx5x_dv_bursts_scalar.inlined, false, &pkt, 1, at, used, &wanted);
	send_by(bursts->plain, false, &pkt, 1, at, used, &got);
	/* One that is refused is looked up by both paths. */
	wanted.cache_misses = got.cache_misses;
	check_same(&wanted, &got);
}

static void
a_packet_alone_is_sent_as_by_the_slow_path(void **state)
{
	uint32_t i;

	spread = 0;
	for (i = 0; i < ROUNDS; i++) {
		random_state = i;
		compare_one();
	}
}

/* With all of its mbufs in use a queue sends none. */
static void
a_full_queue_sends_no_packet_alone(void **state)
{
	static struct outcome outcome;
	struct rte_mbuf *pkt;

	random_state = 1;
	set_last_region();
	pkt = make_packet(0, 0, false);
	send_by(bursts->plain, false, &pkt, 1, 0, 0, &outcome);
	assert_int_equal(outcome.sent, 1);
	txq.freed = txq.done = txq.head - txq.size;
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, &pkt, 1), 0);
}

static void
compare_many(bool promised)
{
	uint32_t i;

	set_up_area();
	for (i = 0; i < ROUNDS; i++) {
		random_state = i;
		compare(promised);
	}
}

static void
all_instruction_sets_do_the_same(void **state)
{
	compare_many(false);
}

/* Bursts that rely on it do as those that test each packet. */
static void
packets_as_promised_are_sent_the_same(void **state)
{
	compare_many(true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASES(all_instruction_sets_do_the_same),
		CASES(packets_as_promised_are_sent_the_same),
		CASES(a_packet_alone_is_sent_as_by_the_slow_path),
		CASES(a_full_queue_sends_no_packet_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
