/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dv_rx_fixture.h - a receive queue of wire=dv on rings in plain memory, and a mempool that is a
 * stack of mbufs. For one test program.
 */
#ifndef DV_RX_FIXTURE_H_
#define DV_RX_FIXTURE_H_

#include <endian.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include <infiniband/mlx5dv.h>
#include <rte_cpuflags.h>

#include "datapath/dp_dv.h"
#include "empty_index.h"
#include "fake_pool.h"
#include "queue/recover.h"
#include "queue/rxq.h"

#define SLOTS 8u
#define STRIDE 4u
#define ROOM 256u
#define MBUFS 40u
#define LKEY 0x700u

static uint8_t memory[MBUFS][RTE_PKTMBUF_HEADROOM + ROOM];
static struct rte_mbuf mbufs[MBUFS], *elts[SLOTS * STRIDE + MLX5X_RXQ_AHEAD], *got[SLOTS];
static unsigned int nb_recovered, nb_covered;
static struct mlx5x_dv_seg ring[SLOTS * STRIDE];
static struct mlx5_cqe64 cqes[2 * SLOTS];
static uint32_t rq_doorbell[2], cq_doorbell[2];
static uint64_t cq_uar, cache_misses;
static struct fake_pool pool;
static struct mlx5x_mr_table mrs = {.index.table = &empty_index};
static struct mlx5x_rxq rxq;
/* The mbuf whose memory has no lkey, or MBUFS. */
static unsigned int unmapped;

const struct mlx5x_mr_entry *
mlx5x_mr_index_search(const struct mlx5x_mr_index_table *index, uintptr_t addr)
{
	static struct mlx5x_mr_entry entry;
	size_t i = (addr - (uintptr_t)memory) / sizeof(memory[0]);

	if (i == unmapped)
		return NULL;
	entry.start = (uintptr_t)(i < unmapped ? memory[0] : memory[unmapped + 1]);
	entry.len = (i < unmapped ? unmapped : MBUFS - unmapped - 1) * sizeof(memory[0]);
	entry.lkey = LKEY;
	return &entry;
}

void
mlx5x_rxq_cover_missed(struct mlx5x_rxq *queue)
{
	queue->missed = false;
	nb_covered++;
}

void
mlx5x_recover(struct mlx5x_port *port, uint16_t index)
{
	nb_recovered++;
}

/* By these bursts the tests receive. */
static const struct mlx5x_dv_rx_bursts *bursts = &mlx5x_dv_rx_bursts_scalar;

static inline int
set_up(void **state)
{
	unsigned int i;

	fake_pool_init(&pool);
	for (i = 0; i < MBUFS; i++) {
		mbufs[i] = (struct rte_mbuf){.buf_addr = memory[i], .buf_len = sizeof(memory[i]),
			.pool = &pool.mp, .refcnt = 1, .nb_segs = 1, .ol_flags = RTE_MBUF_F_RX_FDIR};
		pool.stack[MBUFS - 1 - i] = &mbufs[i];
	}
	pool.nb_free = MBUFS;
	unmapped = MBUFS;
	memset(elts, 0, sizeof(elts));
	memset(&rxq, 0, sizeof(rxq));
	memset(cqes, 0, sizeof(cqes));
	for (i = 0; i < RTE_DIM(cqes); i++)
		cqes[i].op_own = MLX5_CQE_INVALID << 4;
	nb_recovered = nb_covered = rq_doorbell[0] = cq_doorbell[0] = 0;
	rxq.user.cache.misses = &cache_misses;
	rxq.mrs = &mrs;
	rxq.pool = &pool.mp;
	rxq.elts = elts;
	rxq.size = SLOTS;
	rxq.nb_sge = 1;
	rxq.data_room = ROOM;
	rxq.dv.cq = (struct mlx5x_dv_cq){.cqes = cqes, .doorbell = cq_doorbell,
		.size = RTE_DIM(cqes), .uar = &cq_uar, .number = 0x42};
	rxq.dv.rq = (struct mlx5x_dv_rq){.segs = ring, .doorbell = rq_doorbell, .stride = STRIDE};
	rxq.dv.rss_flag = RTE_MBUF_F_RX_RSS_HASH;
	for (i = 0; i < RTE_DIM(rxq.dv.flags); i++)
		rxq.dv.flags[i] = UINT64_C(1) << 40 | i << 10;
	rxq.dv.bursts = bursts;
	memcpy(&rxq.dv.rearm, (uint16_t[4]){RTE_PKTMBUF_HEADROOM, 1, 1, 7}, sizeof(rxq.dv.rearm));
	return 0;
}

static inline int
set_up_scalar(void **state)
{
	bursts = &mlx5x_dv_rx_bursts_scalar;
	return set_up(state);
}

/* On a processor without AVX2, with the scalar ones again. */
static inline int
set_up_avx2(void **state)
{
	bursts = &mlx5x_dv_rx_bursts_scalar;
#ifdef MLX5X_DV_AVX2
	if (rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX2) &&
	    rte_cpu_get_flag_enabled(RTE_CPUFLAG_MOVBE))
		bursts = &mlx5x_dv_rx_bursts_avx2;
#endif
	return set_up(state);
}

/* A test by each kind of burst. */
#define CASES(f) {#f " (scalar)", f, set_up_scalar, NULL, NULL}, \
	{#f " (avx2)", f, set_up_avx2, NULL, NULL}

static inline void
check_segment(uint32_t slot, uint32_t i, const struct rte_mbuf *mbuf)
{
	const struct mlx5_wqe_data_seg *seg = (struct mlx5_wqe_data_seg *)&ring[slot * STRIDE + i];

	assert_int_equal(be32toh(seg->byte_count), ROOM);
	assert_int_equal(be32toh(seg->lkey), LKEY);
	assert_int_equal(be64toh(seg->addr), (uintptr_t)mbuf->buf_addr + RTE_PKTMBUF_HEADROOM);
}

/* The device writes its nth completion, for the next slot. */
static inline struct mlx5_cqe64 *
complete(uint32_t nth, uint8_t opcode, uint32_t len)
{
	struct mlx5_cqe64 *cqe = &cqes[nth % RTE_DIM(cqes)];

	memset(cqe, 0, sizeof(*cqe));
	cqe->byte_cnt = htobe32(len);
	cqe->op_own = opcode << 4 | (nth / RTE_DIM(cqes) & 1);
	return cqe;
}

static inline uint16_t
receive(uint16_t n)
{
	return mlx5x_dp_dv_rx_burst(&rxq, got, n);
}

#endif
