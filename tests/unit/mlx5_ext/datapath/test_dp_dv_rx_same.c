/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random completions: the receive bursts of all instruction sets return the same packets as the
 * scalar one, leave the same ring, and count the same. No buffer is lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "dv_rx_fixture.h"
#include "random.h"

#define ROUNDS 20000u
#define BURSTS 6u

/* What the bursts of a round leave behind. */
struct outcome {
	struct rte_mbuf mbufs[MBUFS], *got[BURSTS][SLOTS], *elts[SLOTS * STRIDE + MLX5X_RXQ_AHEAD];
	struct mlx5x_dv_seg ring[SLOTS * STRIDE];
	struct mlx5x_rxq_stats stats;
	uint16_t counts[BURSTS];
	uint32_t ci, pi, cq_ci, rq_doorbell, cq_doorbell, nb_free;
	bool failed, ragged;
};

static bool
rarely(void)
{
	return random_below(30) == 0;
}

/* A completion with random fields, of a frame that often needs one buffer. */
static void
complete_randomly(uint32_t nth)
{
	uint32_t most = rxq.nb_sge > 1 && random_below(4) == 0 ? rxq.nb_sge * ROOM : ROOM;
	struct mlx5_cqe64 *cqe = complete(nth, rarely() ? MLX5_CQE_RESP_ERR : MLX5_CQE_RESP_SEND,
		1 + random_below(most));
	uint32_t hash = htobe32(random_below(3) == 0 ? 0 : random_below(UINT32_MAX));

	memcpy((uint8_t *)cqe + 12, &hash, sizeof(hash));
	cqe->hds_ip_ext = random_below(256);
	cqe->l4_hdr_type_etc = random_below(256);
	cqe->vlan_info = random_below(65536);
}

/* The application keeps what it has received, or frees it all. Returns how many buffers it keeps. */
static uint32_t
keep_or_free(uint16_t n)
{
	bool keep = random_below(2);
	struct rte_mbuf *seg, *next;
	uint32_t kept = 0, i;

	for (i = 0; i < n; i++)
		for (seg = got[i]; seg != NULL; seg = next) {
			next = seg->next;
			if (keep)
				kept++;
			else
				rte_pktmbuf_free_seg(seg);
		}
	return kept;
}

/* Those in the pool and in slots. */
static uint32_t
count_buffers(void)
{
	uint32_t n = pool.nb_free, i;

	for (i = 0; i < RTE_DIM(elts); i++)
		n += elts[i] != NULL;
	return n;
}

static void
receive_by(const struct mlx5x_dv_rx_bursts *by, uint32_t seed, struct outcome *outcome)
{
	uint32_t i, k, done = 0, kept = 0, nb_buffers;

	random_state = seed;
	set_up(NULL);
	memset(ring, 0, sizeof(ring));
	memset(got, 0, sizeof(got));
	rxq.dv.bursts = by;
	rxq.nb_sge = random_below(3) == 0 ? 2 + random_below(STRIDE - 1) : 1;
	rxq.dv.ragged = rxq.nb_sge > 1;
	rxq.ci = rxq.pi = random_below(100);
	unmapped = random_below(4) == 0 ? random_below(MBUFS) : MBUFS;
	pool.nb_free = nb_buffers = SLOTS + random_below(MBUFS - SLOTS + 1);
	memset(outcome, 0, sizeof(*outcome));
	mlx5x_dp_dv_rx_fill(&rxq);
	for (i = 0; i < BURSTS; i++) {
		for (k = random_below(rxq.pi - rxq.ci + 1); k != 0 && done - rxq.dv.cq.ci <
				rxq.pi - rxq.ci; k--)
			complete_randomly(done++);
		outcome->counts[i] = receive(1 + random_below(SLOTS));
		memcpy(outcome->got[i], got, outcome->counts[i] * sizeof(got[0]));
		kept += keep_or_free(outcome->counts[i]);
	}
	assert_int_equal(count_buffers() + kept, nb_buffers);
	memcpy(outcome->mbufs, mbufs, sizeof(mbufs));
	memcpy(outcome->elts, elts, sizeof(elts));
	memcpy(outcome->ring, ring, sizeof(ring));
	outcome->stats = rxq.stats;
	outcome->ci = rxq.ci;
	outcome->pi = rxq.pi;
	outcome->cq_ci = rxq.dv.cq.ci;
	outcome->rq_doorbell = rq_doorbell[MLX5_RCV_DBR];
	outcome->cq_doorbell = cq_doorbell[0];
	outcome->nb_free = pool.nb_free;
	outcome->failed = rxq.failed;
	outcome->ragged = rxq.dv.ragged;
}

static void
all_instruction_sets_do_the_same(void **state)
{
	static struct outcome wanted, actual;
	uint32_t seed, received = 0;

	for (seed = 0; seed < ROUNDS; seed++) {
		receive_by(&mlx5x_dv_rx_bursts_scalar, seed, &wanted);
		receive_by(bursts, seed, &actual);
		assert_memory_equal(&wanted, &actual, sizeof(wanted));
		received += actual.stats.packets;
	}
	assert_true(received > ROUNDS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {CASES(all_instruction_sets_do_the_same)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
