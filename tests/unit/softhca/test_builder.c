/* SPDX-License-Identifier: BSD-3-Clause */
/* Extended QPs: requests that are built by calls, and posted or given up together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "refusals/refusals.h"
#include "rig.h"

/* The rig's QP receives what this one sends. */
static struct ibv_qp_ex *ex;

static struct ibv_qp *
make_qp(struct rig *rig, uint64_t operations)
{
	struct ibv_qp_init_attr_ex attr = {
		.qp_type = IBV_QPT_RAW_PACKET,
		.comp_mask = IBV_QP_INIT_ATTR_PD | IBV_QP_INIT_ATTR_SEND_OPS_FLAGS,
		.pd = rig->pd,
		.send_cq = rig->send_cq,
		.recv_cq = rig->send_cq,
		.cap = {RIG_WQES, 0, 2, 0, 128},
		.send_ops_flags = operations,
	};

	return ibv_create_qp_ex(rig->ctx, &attr);
}

static int
set_up(void **state)
{
	struct ibv_qp *qp;

	assert_int_equal(rig_set_up(state), 0);
	qp = make_qp(*state, IBV_QP_EX_WITH_SEND);
	assert_non_null(qp);
	rig_start(qp);
	ex = ibv_qp_to_qp_ex(qp);
	assert_non_null(ex);
	return 0;
}

static int
tear_down(void **state)
{
	assert_int_equal(ibv_destroy_qp(&ex->qp_base), 0);
	return rig_tear_down(state);
}

static void
begin(uint64_t id)
{
	ex->wr_id = id;
	ex->wr_flags = IBV_SEND_SIGNALED;
	ibv_wr_send(ex);
}

/* The rig receives a frame as it is at RIG_SENT. */
static void
frame_arrives(struct rig *rig)
{
	struct ibv_wc wc = rig_wc(rig->recv_cq);

	assert_int_equal(wc.status, IBV_WC_SUCCESS);
	assert_int_equal(wc.byte_len, RIG_FRAME);
	assert_memory_equal(rig->mem + wc.wr_id, rig->mem + RIG_SENT, RIG_FRAME);
}

static void
request_completes(struct rig *rig, uint64_t id)
{
	struct ibv_wc wc = rig_wc(rig->send_cq);

	assert_int_equal(wc.status, IBV_WC_SUCCESS);
	assert_int_equal(wc.wr_id, id);
	assert_int_equal(wc.qp_num, ex->qp_base.qp_num);
}

static void
receive(struct rig *rig, int frames)
{
	int i;

	rig_fill(rig->mem + RIG_SENT, 7);
	for (i = 0; i < frames; i++)
		assert_int_equal(
			rig_recv(rig, RIG_RECEIVED + i * 2048, 2048, rig->mr->lkey), 0);
}

static void
each_way_to_name_bytes_sends_them(void **state)
{
	struct rig *rig = *state;
	uint8_t *at = rig->mem + RIG_SENT;
	struct ibv_sge list[2] = {
		{(uintptr_t)at, 40, rig->mr->lkey},
		{(uintptr_t)at + 40, RIG_FRAME - 40, rig->mr->lkey},
	};
	struct ibv_data_buf data[3] = {{at, 14}, {NULL, 0}, {at + 14, RIG_FRAME - 14}};
	uint64_t id;

	receive(rig, 4);
	ibv_wr_start(ex);
	begin(1);
	ibv_wr_set_sge(ex, rig->mr->lkey, (uintptr_t)at, RIG_FRAME);
	begin(2);
	ibv_wr_set_sge_list(ex, 2, list);
	begin(3);
	ibv_wr_set_inline_data(ex, at, RIG_FRAME);
	begin(4);
	ibv_wr_set_inline_data_list(ex, 3, data);
	softhca_step();
	rig_no_wc(rig->recv_cq);
	assert_int_equal(ibv_wr_complete(ex), 0);
	softhca_step();
	for (id = 1; id <= 4; id++) {
		request_completes(rig, id);
		frame_arrives(rig);
	}
	rig_no_wc(rig->send_cq);
}

static void
build(struct rig *rig, uint64_t id)
{
	begin(id);
	ibv_wr_set_sge(ex, rig->mr->lkey, (uintptr_t)rig->mem + RIG_SENT, RIG_FRAME);
}

static void
what_is_given_up_is_not_sent(void **state)
{
	struct rig *rig = *state;

	receive(rig, 1);
	ibv_wr_start(ex);
	build(rig, 1);
	build(rig, 2);
	ibv_wr_abort(ex);
	ibv_wr_start(ex);
	build(rig, 3);
	assert_int_equal(ibv_wr_complete(ex), 0);
	softhca_step();
	request_completes(rig, 3);
	frame_arrives(rig);
	rig_no_wc(rig->send_cq);
}

static void
nothing_may_be_posted(void **state)
{
	ibv_wr_start(ex);
	assert_int_equal(ibv_wr_complete(ex), 0);
	softhca_step();
	rig_no_wc(((struct rig *)*state)->send_cq);
}

/* An error in one of them refuses all. */
static void
one_error_is_that_of_all(void **state)
{
	struct rig *rig = *state;
	struct ibv_sge list[3] = {{0}};
	uint64_t before = softhca_refusals("wr.sge");

	receive(rig, 1);
	ibv_wr_start(ex);
	build(rig, 1);
	begin(2);
	ibv_wr_set_sge_list(ex, 3, list);
	build(rig, 3);
	assert_int_equal(ibv_wr_complete(ex), ENOMEM);
	assert_int_equal(softhca_refusals("wr.sge"), before + 1);
	ibv_wr_start(ex);
	build(rig, 4);
	assert_int_equal(ibv_wr_complete(ex), 0);
	softhca_step();
	request_completes(rig, 4);
	frame_arrives(rig);
	rig_no_wc(rig->send_cq);
}

/* Beyond the end of the ring, by WQEs of one WQEBB and of two. */
static void
rounds_go_on(void **state)
{
	struct rig *rig = *state;
	int i;

	for (i = 0; i < 1000; i++) {
		receive(rig, 2);
		ibv_wr_start(ex);
		build(rig, 2 * i);
		begin(2 * i + 1);
		ibv_wr_set_inline_data(ex, rig->mem + RIG_SENT, RIG_FRAME);
		assert_int_equal(ibv_wr_complete(ex), 0);
		softhca_step();
		request_completes(rig, 2 * i);
		request_completes(rig, 2 * i + 1);
		frame_arrives(rig);
		frame_arrives(rig);
	}
}

static void
both_ways_to_post_go_together(void **state)
{
	struct rig *rig = *state;
	struct ibv_sge sge = {(uintptr_t)rig->mem + RIG_SENT, RIG_FRAME, rig->mr->lkey};
	struct ibv_send_wr *bad, wr = {.wr_id = 2, .sg_list = &sge, .num_sge = 1,
		.opcode = IBV_WR_SEND, .send_flags = IBV_SEND_SIGNALED};

	receive(rig, 2);
	ibv_wr_start(ex);
	build(rig, 1);
	assert_int_equal(ibv_wr_complete(ex), 0);
	assert_int_equal(ibv_post_send(&ex->qp_base, &wr, &bad), 0);
	softhca_step();
	request_completes(rig, 1);
	request_completes(rig, 2);
	frame_arrives(rig);
	frame_arrives(rig);
}

static void
only_a_qp_with_operations_is_extended(void **state)
{
	struct rig *rig = *state;
	struct ibv_qp *qp = make_qp(rig, IBV_QP_EX_WITH_SEND | IBV_QP_EX_WITH_TSO);

	assert_null(ibv_qp_to_qp_ex(rig->qp));
	assert_non_null(qp);
	assert_non_null(ibv_qp_to_qp_ex(qp));
	/* Of other kinds of QPs. */
	assert_null(ibv_qp_to_qp_ex(qp)->wr_rdma_write);
	assert_null(ibv_qp_to_qp_ex(qp)->wr_set_ud_addr);
	assert_int_equal(ibv_destroy_qp(qp), 0);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(each_way_to_name_bytes_sends_them),
		CASE(what_is_given_up_is_not_sent),
		CASE(nothing_may_be_posted),
		CASE(one_error_is_that_of_all),
		CASE(rounds_go_on),
		CASE(both_ways_to_post_go_together),
		CASE(only_a_qp_with_operations_is_extended),
	};

	rig_environment(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
