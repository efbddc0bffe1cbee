/* SPDX-License-Identifier: BSD-3-Clause */
/* Send WQEs of QPs with a transport, written by hand: which rules of the rings they can break. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <infiniband/mlx5dv.h>

#include "common/checks.h"
#include "engine/engine.h"
#include "pair_case.h"

/* Of the first QP. Its ring is empty, and the provider does not post to it. */
static struct mlx5dv_qp ring;

static void
open_ring(void)
{
	struct mlx5dv_obj obj = {.qp = {.in = pair.qps[0], .out = &ring}};

	assert_int_equal(mlx5dv_init_obj(&obj, MLX5DV_OBJ_QP), 0);
}

/* The first WQE of the ring, of ds segments; what is behind the control segment has been written. */
static void
ring_with(uint8_t opcode, uint8_t modifier, uint8_t flags, uint8_t ds)
{
	struct mlx5_wqe_ctrl_seg *ctrl = ring.sq.buf;
	uint64_t doorbell;

	memset(ctrl, 0, sizeof(*ctrl));
	mlx5dv_set_ctrl_seg(ctrl, 0, opcode, modifier, pair.qps[0]->qp_num,
		flags | MLX5_WQE_CTRL_CQ_UPDATE, ds, 0, 0);
	memcpy(&doorbell, ctrl, sizeof(doorbell));
	ring.dbrec[MLX5_SND_DBR] = htobe32((ds * 16 + 63) / 64);
	memcpy(ring.bf.reg, &doorbell, sizeof(doorbell));
	softhca_step();
}

static uint8_t *
segment(uint32_t index)
{
	return (uint8_t *)ring.sq.buf + index * 16;
}

static void
put_data(uint32_t index, uint32_t len)
{
	mlx5dv_set_data_seg((void *)segment(index), len, pair.mr->lkey,
		(uintptr_t)pair.rig->mem);
}

/* The completion that the provider would make something else of. */
static void
expect(const char *rule)
{
	struct ibv_wc wc;

	assert_int_equal(ibv_poll_cq(pair.cqs[0], 1, &wc), 1);
	assert_int_equal(wc.status, IBV_WC_LOC_QP_OP_ERR);
	rig_expect(rule, 1);
}

static void
a_wqe_by_hand_is_sent(void **state)
{
	struct ibv_wc wc;

	pair_recv(&pair, 8192, 100);
	put_data(1, 100);
	ring_with(MLX5_OPCODE_SEND, 0, MLX5_WQE_CTRL_FENCE | MLX5_WQE_CTRL_SOLICITED, 2);
	assert_int_equal(pair_wc(&pair, 1, IBV_WC_SUCCESS).byte_len, 100);
	assert_int_equal(ibv_poll_cq(pair.cqs[0], 1, &wc), 1);
	assert_int_equal(wc.status, IBV_WC_SUCCESS);
}

static void
nothing_is_done(void **state)
{
	struct ibv_wc wc;

	ring_with(MLX5_OPCODE_NOP, 0, 0, 1);
	assert_int_equal(ibv_poll_cq(pair.cqs[0], 1, &wc), 1);
	assert_int_equal(wc.status, IBV_WC_SUCCESS);
	rig_no_wc(pair.cqs[1]);
}

static void
reserved_fields_are_zero(void **state)
{
	put_data(1, 100);
	ring_with(MLX5_OPCODE_SEND, 1, 0, 2);
	expect("sq.reserved");
}

static void
an_operation_of_another_transport(void **state)
{
	put_data(2, 8);
	ring_with(pair.type == IBV_QPT_UC ? MLX5_OPCODE_RDMA_READ : MLX5_OPCODE_RDMA_WRITE, 0, 0, 3);
	expect("sq.opcode");
}

static void
an_operation_that_is_not_modelled(void **state)
{
	ring_with(MLX5_OPCODE_UMR, 0, 0, 1);
	expect("sq.opcode");
}

static void
it_ends_before_its_remote_address(void **state)
{
	ring_with(MLX5_OPCODE_ATOMIC_CS, 0, 0, 2);
	expect("sq.ds");
}

static void
it_ends_within_inline_data(void **state)
{
	uint32_t len = htobe32(MLX5_INLINE_SEG | 20);

	memset(segment(1), 0, 32);
	memcpy(segment(1), &len, sizeof(len));
	ring_with(MLX5_OPCODE_SEND, 0, 0, 2);
	expect("sq.inline");
}

/* The last bytes of inline data leave most of a segment. */
static void
it_ends_behind_its_data(void **state)
{
	uint32_t len = htobe32(MLX5_INLINE_SEG | 28);

	memset(segment(1), 0, 48);
	memcpy(segment(1), &len, sizeof(len));
	ring_with(MLX5_OPCODE_SEND, 0, 0, 4);
	expect("sq.zero_segment");
}

static void
what_comes_back_has_no_place_inline(void **state)
{
	struct mlx5_wqe_raddr_seg remote = {
		.raddr = htobe64((uintptr_t)pair.rig->mem), .rkey = htobe32(pair.mr->rkey)};
	uint32_t len = htobe32(MLX5_INLINE_SEG | 12);

	memcpy(segment(1), &remote, sizeof(remote));
	memcpy(segment(2), &len, sizeof(len));
	ring_with(MLX5_OPCODE_RDMA_READ, 0, 0, 3);
	expect("sq.inline");
}

/* Of those that there are, and of those that there are not. */
static uint8_t
random_opcode(void)
{
	static const uint8_t opcodes[] = {MLX5_OPCODE_SEND, MLX5_OPCODE_SEND_IMM,
		MLX5_OPCODE_RDMA_WRITE, MLX5_OPCODE_RDMA_WRITE_IMM, MLX5_OPCODE_RDMA_READ,
		MLX5_OPCODE_ATOMIC_CS, MLX5_OPCODE_ATOMIC_FA, MLX5_OPCODE_NOP};

	return random() % 8 == 0 ? random() : opcodes[random() % sizeof(opcodes)];
}

/* Segments of any bytes, with a good key here and there, and good addresses. */
static void
fill_at_random(uint8_t ds)
{
	uint64_t addr = (uintptr_t)pair.rig->mem + random() % RIG_MEM;
	uint32_t i, word;

	for (i = 16; i < ds * 16u; i++)
		*(segment(0) + i) = random();
	for (i = 1; i < ds; i++) {
		word = htobe32(random() % 3 == 0 ? MLX5_INLINE_SEG | random() % 100 :
			(uint32_t)random() % 3000);
		if (random() % 4 != 0)
			memcpy(segment(i), &word, sizeof(word));
		word = htobe32(pair.mr->lkey);
		if (random() % 4 != 0)
			memcpy(segment(i) + 4, &word, sizeof(word));
		addr = htobe64((uintptr_t)pair.rig->mem + random() % RIG_MEM);
		if (random() % 4 != 0)
			memcpy(segment(i) + (random() % 2 != 0 ? 8 : 0), &addr, sizeof(addr));
	}
}

/* Each has one completion, or waits for ever; and a sanitizer has nothing to report. */
static void
any_bytes_are_survived(void **state)
{
	uint32_t i, good = 0, bad = 0;
	struct ibv_wc wc;
	uint8_t ds;

	srandom(1);
	for (i = 0; i < 5000; i++) {
		ds = 1 + random() % (random() % 4 == 0 ? 63 : 5);
		pair_recv(&pair, 0, random() % 4000);
		fill_at_random(ds);
		ring_with(random_opcode(), random() % 32 == 0, random() % 8 == 0 ? random() : 0, ds);
		if (ibv_poll_cq(pair.cqs[0], 1, &wc) == 1) {
			good += wc.status == IBV_WC_SUCCESS;
			bad += wc.status != IBV_WC_SUCCESS;
		}
		rig_no_wc(pair.cqs[0]);
		pair_restart(&pair, PAIR_ACCESS);
	}
	assert_true(good > 100 && bad > 100);
	softhca_forget_violations();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RC(a_wqe_by_hand_is_sent),
		RC(nothing_is_done),
		RC(reserved_fields_are_zero),
		UC(an_operation_of_another_transport),
		UD(an_operation_of_another_transport),
		RC(an_operation_that_is_not_modelled),
		RC(it_ends_before_its_remote_address),
		RC(it_ends_within_inline_data),
		RC(it_ends_behind_its_data),
		RC(any_bytes_are_survived),
		UC(any_bytes_are_survived),
		UD(any_bytes_are_survived),
		RC(what_comes_back_has_no_place_inline),
	};

	rig_environment(1);
	pair_case_more = open_ring;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
