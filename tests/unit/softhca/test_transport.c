/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages between QPs with a transport: what each operation moves, and what a receiver is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "pair_case.h"

#define FROM 0u
#define TO   8192u
#define LEN  3000u

static void
fill(void)
{
	uint32_t i;

	for (i = 0; i < RIG_MEM; i++)
		pair.rig->mem[i] = i * 7 + i / 256;
}

static void
a_message_is_received(void **state)
{
	struct rig *rig = *state;
	struct ibv_wc wc;

	pair_recv(&pair, TO, LEN + 1);
	assert_int_equal(pair_post(&pair,
		(struct pair_request){.opcode = IBV_WR_SEND, .offset = FROM, .len = LEN}), 0);
	wc = pair_wc(&pair, 0, IBV_WC_SUCCESS);
	assert_int_equal(wc.opcode, IBV_WC_SEND);
	assert_int_equal(wc.wr_id, FROM);
	wc = pair_wc(&pair, 1, IBV_WC_SUCCESS);
	assert_int_equal(wc.opcode, IBV_WC_RECV);
	assert_int_equal(wc.wr_id, TO);
	assert_int_equal(wc.byte_len, LEN);
	assert_int_equal(wc.wc_flags, 0);
	assert_memory_equal(rig->mem + TO, rig->mem + FROM, LEN);
	/* No byte more. */
	assert_int_equal(rig->mem[TO + LEN], (uint8_t)((TO + LEN) * 7 + (TO + LEN) / 256));
}

static void
immediate_data_comes_with_it(void **state)
{
	struct rig *rig = *state;
	struct ibv_wc wc;

	pair_recv(&pair, TO, LEN);
	assert_int_equal(pair_post(&pair, (struct pair_request){
		.opcode = IBV_WR_SEND_WITH_IMM, .len = LEN, .imm = 0x01020304}), 0);
	pair_wc(&pair, 0, IBV_WC_SUCCESS);
	wc = pair_wc(&pair, 1, IBV_WC_SUCCESS);
	assert_int_equal(wc.opcode, IBV_WC_RECV);
	assert_int_equal(wc.wc_flags, IBV_WC_WITH_IMM);
	assert_int_equal(wc.imm_data, htobe32(0x01020304));
	assert_memory_equal(rig->mem + TO, rig->mem + FROM, LEN);
}

static void
segments_are_gathered_and_scattered(void **state)
{
	struct rig *rig = *state;
	struct ibv_sge from[3], to[4];
	struct ibv_send_wr *bad_send, send = {.sg_list = from, .num_sge = 3,
		.opcode = IBV_WR_SEND, .send_flags = IBV_SEND_SIGNALED};
	struct ibv_recv_wr *bad_recv, recv = {.sg_list = to, .num_sge = 4};
	uint32_t i;

	/* 600 bytes: 100, 0, 500; and 50, 250, 300, 400 of which none is used. */
	for (i = 0; i < 3; i++)
		from[i] = (struct ibv_sge){(uintptr_t)rig->mem + i * 1000,
			(const uint32_t[]){100, 0, 500}[i], pair.mr->lkey};
	for (i = 0; i < 4; i++)
		to[i] = (struct ibv_sge){(uintptr_t)rig->mem + TO + i * 1000,
			(const uint32_t[]){50, 250, 300, 400}[i], pair.mr->lkey};
	assert_int_equal(ibv_post_recv(pair.qps[1], &recv, &bad_recv), 0);
	assert_int_equal(ibv_post_send(pair.qps[0], &send, &bad_send), 0);
	assert_int_equal(pair_wc(&pair, 1, IBV_WC_SUCCESS).byte_len, 600);
	assert_memory_equal(rig->mem + TO, rig->mem, 50);
	assert_memory_equal(rig->mem + TO + 1000, rig->mem + 50, 50);
	assert_memory_equal(rig->mem + TO + 1050, rig->mem + 2000, 200);
	assert_memory_equal(rig->mem + TO + 2000, rig->mem + 2200, 300);
}

static void
inline_bytes_are_those_of_the_post(void **state)
{
	struct rig *rig = *state;
	uint8_t bytes[60];

	memcpy(bytes, rig->mem, sizeof(bytes));
	pair_recv(&pair, TO, LEN);
	assert_int_equal(pair_post(&pair, (struct pair_request){
		.opcode = IBV_WR_SEND, .len = 60, .flags = IBV_SEND_INLINE, .key = 77}), 0);
	memset(rig->mem, 0, sizeof(bytes));
	assert_int_equal(pair_wc(&pair, 1, IBV_WC_SUCCESS).byte_len, 60);
	assert_memory_equal(rig->mem + TO, bytes, sizeof(bytes));
}

static void
nothing_is_a_message(void **state)
{
	pair_recv(&pair, TO, 0);
	assert_int_equal(pair_post(&pair, (struct pair_request){.opcode = IBV_WR_SEND}), 0);
	pair_wc(&pair, 0, IBV_WC_SUCCESS);
	assert_int_equal(pair_wc(&pair, 1, IBV_WC_SUCCESS).byte_len, 0);
}

static void
memory_may_overlap(void **state)
{
	struct rig *rig = *state;

	pair_recv(&pair, FROM, LEN);
	assert_int_equal(pair_post(&pair,
		(struct pair_request){.opcode = IBV_WR_SEND, .offset = FROM, .len = LEN}), 0);
	assert_int_equal(pair_wc(&pair, 1, IBV_WC_SUCCESS).byte_len, LEN);
	assert_int_equal(rig->mem[FROM + 700], (uint8_t)(700 * 7 + 700 / 256));
}

static void
a_write_is_not_noticed(void **state)
{
	struct rig *rig = *state;
	struct ibv_wc wc;

	assert_int_equal(pair_post(&pair, (struct pair_request){
		.opcode = IBV_WR_RDMA_WRITE, .len = LEN, .to = TO}), 0);
	wc = pair_wc(&pair, 0, IBV_WC_SUCCESS);
	assert_int_equal(wc.opcode, IBV_WC_RDMA_WRITE);
	assert_memory_equal(rig->mem + TO, rig->mem + FROM, LEN);
	rig_no_wc(pair.cqs[1]);
}

static void
a_write_with_immediate_data_is(void **state)
{
	struct rig *rig = *state;
	struct ibv_wc wc;

	pair_recv(&pair, 40000, 10);
	assert_int_equal(pair_post(&pair, (struct pair_request){
		.opcode = IBV_WR_RDMA_WRITE_WITH_IMM, .len = LEN, .to = TO, .imm = 5}), 0);
	assert_int_equal(pair_wc(&pair, 0, IBV_WC_SUCCESS).opcode, IBV_WC_RDMA_WRITE);
	wc = pair_wc(&pair, 1, IBV_WC_SUCCESS);
	assert_int_equal(wc.opcode, IBV_WC_RECV_RDMA_WITH_IMM);
	assert_int_equal(wc.wr_id, 40000);
	assert_int_equal(wc.byte_len, LEN);
	assert_int_equal(wc.wc_flags, IBV_WC_WITH_IMM);
	assert_int_equal(wc.imm_data, htobe32(5));
	assert_memory_equal(rig->mem + TO, rig->mem + FROM, LEN);
}

static void
a_read_brings_bytes(void **state)
{
	struct rig *rig = *state;
	struct ibv_wc wc;

	assert_int_equal(pair_post(&pair, (struct pair_request){
		.opcode = IBV_WR_RDMA_READ, .offset = TO, .len = LEN, .to = FROM}), 0);
	wc = pair_wc(&pair, 0, IBV_WC_SUCCESS);
	assert_int_equal(wc.opcode, IBV_WC_RDMA_READ);
	assert_int_equal(wc.byte_len, LEN);
	assert_memory_equal(rig->mem + TO, rig->mem + FROM, LEN);
	rig_no_wc(pair.cqs[1]);
}

static uint64_t
value_at(const struct rig *rig, uint32_t offset)
{
	uint64_t value;

	memcpy(&value, rig->mem + offset, sizeof(value));
	return value;
}

static void
a_sum_is_atomic(void **state)
{
	struct rig *rig = *state;
	uint64_t before = value_at(rig, TO);
	struct ibv_wc wc;

	assert_int_equal(pair_post(&pair, (struct pair_request){
		.opcode = IBV_WR_ATOMIC_FETCH_AND_ADD, .len = 8, .to = TO, .compare_add = 3}), 0);
	wc = pair_wc(&pair, 0, IBV_WC_SUCCESS);
	assert_int_equal(wc.opcode, IBV_WC_FETCH_ADD);
	assert_int_equal(wc.byte_len, 8);
	assert_int_equal(value_at(rig, FROM), before);
	assert_int_equal(value_at(rig, TO), before + 3);
}

static void
a_swap_needs_what_it_expects(void **state)
{
	struct rig *rig = *state;
	uint64_t before = value_at(rig, TO);
	struct pair_request swap = {.opcode = IBV_WR_ATOMIC_CMP_AND_SWP, .len = 8, .to = TO,
		.compare_add = before + 1, .swap = 99};

	assert_int_equal(pair_post(&pair, swap), 0);
	assert_int_equal(pair_wc(&pair, 0, IBV_WC_SUCCESS).opcode, IBV_WC_COMP_SWAP);
	assert_int_equal(value_at(rig, TO), before);
	assert_int_equal(value_at(rig, FROM), before);
	swap.compare_add = before;
	assert_int_equal(pair_post(&pair, swap), 0);
	pair_wc(&pair, 0, IBV_WC_SUCCESS);
	assert_int_equal(value_at(rig, TO), 99);
	assert_int_equal(value_at(rig, FROM), before);
}

/* In a ring of 64 WQEBBs, of which each request takes one, and one of 16 WQEs. */
static void
rounds_go_on_beyond_every_wrap(void **state)
{
	struct rig *rig = *state;
	uint32_t i;

	for (i = 0; i < 200; i++) {
		pair_recv(&pair, TO, LEN);
		rig->mem[FROM] = i;
		assert_int_equal(pair_post(&pair, (struct pair_request){
			.opcode = i % 2 != 0 ? IBV_WR_SEND : IBV_WR_RDMA_WRITE_WITH_IMM,
			.len = 1 + i, .to = TO, .imm = i}), 0);
		pair_wc(&pair, 0, IBV_WC_SUCCESS);
		assert_int_equal(pair_wc(&pair, 1, IBV_WC_SUCCESS).byte_len, 1 + i);
		assert_memory_equal(rig->mem + TO, rig->mem + FROM, 1 + i);
	}
}

static void
a_connection_that_is_not_reliable_loses_what_nobody_awaits(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(pair_post(&pair,
		(struct pair_request){.opcode = IBV_WR_SEND, .len = LEN}), 0);
	pair_wc(&pair, 0, IBV_WC_SUCCESS);
	pair_recv(&pair, TO, LEN);
	softhca_step();
	rig_no_wc(pair.cqs[1]);
	assert_int_equal(pair_post(&pair,
		(struct pair_request){.opcode = IBV_WR_SEND, .len = LEN}), 0);
	pair_wc(&pair, 1, IBV_WC_SUCCESS);
	assert_memory_equal(rig->mem + TO, rig->mem + FROM, LEN);
}

#define GRH 40u

static void
a_datagram_has_a_header(void **state)
{
	struct rig *rig = *state;
	/* Version, traffic class and flow label; length; next header; hop limit. */
	const uint8_t start[] = {0x6a, 0xb1, 0x23, 0x45, 1024 >> 8, 0, 0x1b, 7};
	const uint8_t *grh = rig->mem + TO;
	union ibv_gid gid;
	struct ibv_wc wc;

	assert_int_equal(ibv_query_gid(rig->ctx, 1, 0, &gid), 0);
	pair_recv(&pair, TO, GRH + 1024);
	assert_int_equal(pair_post(&pair, (struct pair_request){
		.opcode = IBV_WR_SEND_WITH_IMM, .len = 1024, .imm = 9}), 0);
	pair_wc(&pair, 0, IBV_WC_SUCCESS);
	wc = pair_wc(&pair, 1, IBV_WC_SUCCESS);
	assert_int_equal(wc.byte_len, GRH + 1024);
	assert_int_equal(wc.wc_flags, IBV_WC_GRH | IBV_WC_WITH_IMM);
	assert_int_equal(wc.imm_data, htobe32(9));
	assert_int_equal(wc.src_qp, pair.qps[0]->qp_num);
	assert_memory_equal(grh, start, sizeof(start));
	assert_memory_equal(grh + 8, &gid, sizeof(gid));
	assert_memory_equal(grh + 24, &gid, sizeof(gid));
	assert_memory_equal(grh + GRH, rig->mem + FROM, 1024);
}

static void
a_datagram_with_another_key_is_dropped(void **state)
{
	pair_recv(&pair, TO, LEN);
	assert_int_equal(pair_post(&pair, (struct pair_request){
		.opcode = IBV_WR_SEND, .len = 100, .qkey = PAIR_QKEY + 1}), 0);
	pair_wc(&pair, 0, IBV_WC_SUCCESS);
	rig_no_wc(pair.cqs[1]);
	/* The sender's own one. */
	assert_int_equal(pair_post(&pair, (struct pair_request){
		.opcode = IBV_WR_SEND, .len = 100, .qkey = 1u << 31 | 5}), 0);
	pair_wc(&pair, 1, IBV_WC_SUCCESS);
}

static void
a_datagram_to_nobody_is_sent(void **state)
{
	assert_int_equal(ibv_destroy_qp(pair.qps[1]), 0);
	pair.qps[1] = pair.qps[0];
	assert_int_equal(pair_post(&pair,
		(struct pair_request){.opcode = IBV_WR_SEND, .len = 100}), 0);
	pair.qps[1] = NULL;
	pair_wc(&pair, 0, IBV_WC_SUCCESS);
	rig_no_wc(pair.cqs[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RC(a_message_is_received),
		RC(immediate_data_comes_with_it),
		RC(segments_are_gathered_and_scattered),
		RC(inline_bytes_are_those_of_the_post),
		RC(nothing_is_a_message),
		RC(memory_may_overlap),
		RC(a_write_is_not_noticed),
		RC(a_write_with_immediate_data_is),
		RC(a_read_brings_bytes),
		RC(a_sum_is_atomic),
		RC(a_swap_needs_what_it_expects),
		RC(rounds_go_on_beyond_every_wrap),
		UC(a_message_is_received),
		UC(a_write_is_not_noticed),
		UC(a_write_with_immediate_data_is),
		UC(a_connection_that_is_not_reliable_loses_what_nobody_awaits),
		UD(a_datagram_has_a_header),
		UD(a_datagram_with_another_key_is_dropped),
		UD(a_datagram_to_nobody_is_sent),
	};

	rig_environment(1);
	pair_case_more = fill;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
