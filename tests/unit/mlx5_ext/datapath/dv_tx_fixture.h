/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dv_tx_fixture.h - a transmit queue of wire=dv on rings in plain memory. Its output is read by a
 * device that is implemented here independently, from the layout of mlx5dv.h. For one test program.
 */
#ifndef DV_TX_FIXTURE_H_
#define DV_TX_FIXTURE_H_

#include <endian.h>
#include <string.h>

#include <cmocka.h>

#include <infiniband/mlx5dv.h>
#include <rte_cpuflags.h>

#include "datapath/dp_dv.h"
#include "datapath/drop.h"
#include "fake_pool.h"
#include "index_room.h"
#include "queue/recover.h"
#include "queue/tx_free.h"
#include "queue/txq.h"

#define BLOCKS 16u
#define PACKETS 64u
#define QPN 0x1234u
#define LKEY 0x700u

/* Memory: one MR, and a second one right behind it with another lkey; no other. */
#define REGION 4096u
static uint8_t memory[3 * REGION] __attribute__((aligned(4096)));

static struct mlx5x_dv_seg ring[BLOCKS * 4];
static struct mlx5x_dv_mark marks[BLOCKS];
static struct mlx5_cqe64 cqes[4];
static uint32_t sq_doorbell[2], cq_doorbell[2];
static uint64_t uar;
static struct rte_mbuf *elts[PACKETS];
static struct mlx5x_tx_run runs[PACKETS];
static struct rte_mbuf mbufs[PACKETS];
static struct fake_pool pool;	/* of all mbufs */
/* Their ring, with room for a chain behind its end. */
#define TAILS 16u
#define MAX_SGE 6u
static struct rte_mbuf *tails[TAILS + MAX_SGE];
static uint64_t cache_misses;
static struct mlx5x_mr_table mrs;
static struct mlx5x_txq txq;
static enum mlx5x_drop_reason refused[PACKETS];
static unsigned int nb_refused, nb_recovered;

/* Another MR. */
static inline void
add_region(const void *start, size_t len, uint32_t lkey)
{
	index_make_room(&mrs.index, (uintptr_t)start, len, 1);
	mlx5x_mr_index_insert(&mrs.index, (uintptr_t)start, len, lkey, NULL);
}

static inline void
set_up_regions(void)
{
	if (mrs.index.table != NULL)
		return;
	assert_int_equal(mlx5x_mr_index_init(&mrs.index), 0);
	add_region(memory, REGION, LKEY);
	add_region(&memory[REGION], REGION, LKEY + 1);
}

uint16_t
mlx5x_drop_handle(struct mlx5x_txq *queue, struct rte_mbuf **pkts, uint16_t n,
	enum mlx5x_drop_reason why, int *misses)
{
	refused[nb_refused++] = why;
	return 1;
}

/* Packets that are not plain are freed by this. */
void
mlx5x_tx_free_each(struct rte_mbuf **pkts, uint32_t n)
{
}

void
mlx5x_recover(struct mlx5x_port *port, uint16_t index)
{
	nb_recovered++;
}

/* By these bursts the tests send. */
static const struct mlx5x_dv_bursts *bursts = &mlx5x_dv_bursts_scalar;

static inline int
set_up(void **state)
{
	uint32_t i;

	set_up_regions();
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
	txq.runs.ring = runs;
	txq.size = PACKETS;
	txq.max_frame = 1522;
	txq.max_sge = MAX_SGE;
	fake_pool_init(&pool);
	txq.tails = (struct mlx5x_tx_tails){.ring = tails, .size = TAILS};
	txq.max_segs = UINT16_MAX;
	txq.dv.cq = (struct mlx5x_dv_cq){.cqes = cqes, .doorbell = cq_doorbell, .size = RTE_DIM(cqes)};
	txq.dv.sq = (struct mlx5x_dv_sq){.segs = ring, .marks = marks, .doorbell = sq_doorbell,
		.uar = &uar, .size = BLOCKS, .qpn = QPN << 8};
	txq.dv.burst = bursts->plain;
	txq.dv.max_blocks = 2;
	for (i = 0; i < RTE_DIM(txq.dv.checksums); i++)
		txq.dv.checksums[i] = htobe64((uint64_t)i << 24);
	return 0;
}

static inline int
set_up_scalar(void **state)
{
	bursts = &mlx5x_dv_bursts_scalar;
	return set_up(state);
}

/* On a processor without AVX2, with the scalar ones again. */
static inline int
set_up_avx2(void **state)
{
	bursts = &mlx5x_dv_bursts_scalar;
#ifdef MLX5X_DV_AVX2
	if (rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX2) &&
	    rte_cpu_get_flag_enabled(RTE_CPUFLAG_MOVBE))
		bursts = &mlx5x_dv_bursts_avx2;
#endif
	return set_up(state);
}

/* A test by each kind of burst. */
#define CASES(f) {#f " (scalar)", f, set_up_scalar, NULL, NULL}, \
	{#f " (avx2)", f, set_up_avx2, NULL, NULL}

/* A packet of one segment at the offset in memory. */
static inline struct rte_mbuf *
packet(unsigned int i, uint32_t offset, uint16_t len)
{
	mbufs[i] = (struct rte_mbuf){.buf_addr = memory, .data_off = offset, .nb_segs = 1,
		.refcnt = 1, .data_len = len, .pkt_len = len, .pool = &pool.mp};
	return &mbufs[i];
}

static inline void
append(struct rte_mbuf *pkt, struct rte_mbuf *seg)
{
	struct rte_mbuf *last = pkt;

	while (last->next != NULL)
		last = last->next;
	last->next = seg;
	pkt->nb_segs++;
	pkt->pkt_len += seg->data_len;
}

/* Sends n packets of 64 bytes; the burst accepts all. */
static inline void
send_some(uint16_t n)
{
	struct rte_mbuf *pkts[PACKETS];
	uint16_t i;

	for (i = 0; i < n; i++)
		pkts[i] = packet(i, 64 * i, 64);
	assert_int_equal(mlx5x_dp_dv_tx_burst(&txq, pkts, n), n);
}

static inline const uint8_t *
byte_at(uint32_t block, uint32_t offset)
{
	return (uint8_t *)ring + (block * 64 + offset) % sizeof(ring);
}

static inline uint32_t
word_at(uint32_t block, uint32_t offset)
{
	uint32_t word;

	memcpy(&word, byte_at(block, offset), sizeof(word));
	return be32toh(word);
}

/*
 * Checks the WQE at the block: opcode, index, data segments, and whether it requests a completion.
 */
static inline void
check_ctrl(uint32_t block, uint8_t opcode, uint16_t index, uint32_t nb_segs, bool asks)
{
	assert_int_equal(word_at(block, 0), (uint32_t)index << 8 | opcode);
	assert_int_equal(word_at(block, 4), QPN << 8 | nb_segs);
	assert_int_equal(word_at(block, 8), asks ? 8 : 0);
	assert_int_equal(word_at(block, 12), 0);
}

static inline void
check_data(uint32_t block, uint32_t seg, uint32_t offset, uint32_t len, uint32_t lkey)
{
	uint64_t addr;

	memcpy(&addr, byte_at(block, seg * 16 + 8), sizeof(addr));
	assert_int_equal(word_at(block, seg * 16), len);
	assert_int_equal(word_at(block, seg * 16 + 4), lkey);
	assert_int_equal(be64toh(addr), (uintptr_t)&memory[offset]);
}

/* The doorbell was rung behind the block before pi, for the WQE at block last. */
static inline void
check_doorbell(uint16_t pi, uint32_t last)
{
	assert_int_equal(be32toh(sq_doorbell[MLX5_SND_DBR]), pi);
	assert_memory_equal(&uar, byte_at(last, 0), sizeof(uar));
}

/* The device completes the WQE at index, as its nth completion. */
static inline void
complete(uint32_t nth, uint16_t index, uint8_t opcode)
{
	struct mlx5_cqe64 *cqe = &cqes[nth % RTE_DIM(cqes)];

	cqe->wqe_counter = htobe16(index);
	cqe->op_own = opcode << 4 | (nth / RTE_DIM(cqes) & 1);
}

#endif
