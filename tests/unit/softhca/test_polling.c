/* SPDX-License-Identifier: BSD-3-Clause */
/* Extended CQs: polled one completion at a time, with the fields that were asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <infiniband/mlx5dv.h>

#include "engine/engine.h"
#include "refusals/refusals.h"
#include "rig.h"

#define ALL_FIELDS                                                                                 \
	(IBV_WC_STANDARD_FLAGS | IBV_WC_EX_WITH_COMPLETION_TIMESTAMP | IBV_WC_EX_WITH_CVLAN |      \
		IBV_WC_EX_WITH_FLOW_TAG | IBV_WC_EX_WITH_TM_INFO |                                 \
		IBV_WC_EX_WITH_COMPLETION_TIMESTAMP_WALLCLOCK)
#define TAG 0x4321u

static struct ibv_cq_ex *cq;
static struct ibv_qp *qp;
static struct ibv_flow *flow;
static struct ibv_poll_cq_attr none;

static struct ibv_cq_ex *
make_cq(struct rig *rig, uint64_t fields, uint32_t flags)
{
	struct ibv_cq_init_attr_ex attr = {
		.cqe = 2 * RIG_WQES - 1,
		.wc_flags = fields,
		.comp_mask = IBV_CQ_INIT_ATTR_MASK_FLAGS,
		.flags = flags,
	};

	return ibv_create_cq_ex(rig->ctx, &attr);
}

/* The rule has a tag; it comes before the rig's, which is for the same frames. */
static void
make_qp(struct rig *rig)
{
	struct ibv_qp_init_attr init = {
		.qp_type = IBV_QPT_RAW_PACKET,
		.send_cq = ibv_cq_ex_to_cq(cq),
		.recv_cq = ibv_cq_ex_to_cq(cq),
		.cap = {RIG_WQES, RIG_WQES, 1, 1, 0},
	};
	struct {
		struct ibv_flow_attr attr;
		struct ibv_flow_spec_eth eth;
		struct ibv_flow_spec_action_tag tag;
	} __attribute__((packed)) rule = {
		.attr = {.size = sizeof(rule.attr), .num_of_specs = 2, .port = 1},
		.eth = {.type = IBV_FLOW_SPEC_ETH, .size = sizeof(rule.eth)},
		.tag = {IBV_FLOW_SPEC_ACTION_TAG, sizeof(rule.tag), TAG},
	};

	/* The type of what rig_fill() makes. */
	rule.eth.val.ether_type = htobe16(0x88b5);
	rule.eth.mask.ether_type = 0xffff;
	qp = ibv_create_qp(rig->pd, &init);
	assert_non_null(qp);
	rig_start(qp);
	flow = ibv_create_flow(qp, &rule.attr);
	assert_non_null(flow);
}

static int
set_up_with(void **state, uint32_t flags)
{
	struct rig *rig;

	assert_int_equal(rig_set_up(state), 0);
	rig = *state;
	cq = make_cq(rig, ALL_FIELDS, flags);
	assert_non_null(cq);
	make_qp(rig);
	return 0;
}

static int
set_up(void **state)
{
	return set_up_with(state, 0);
}

static int
set_up_alone(void **state)
{
	return set_up_with(state, IBV_CREATE_CQ_ATTR_SINGLE_THREADED);
}

static int
tear_down(void **state)
{
	if (flow != NULL)
		assert_int_equal(ibv_destroy_flow(flow), 0);
	if (qp != NULL)
		assert_int_equal(ibv_destroy_qp(qp), 0);
	assert_int_equal(ibv_destroy_cq(ibv_cq_ex_to_cq(cq)), 0);
	flow = NULL;
	qp = NULL;
	return rig_tear_down(state);
}

/* Sends n frames from qp to itself; the requests are numbered from 1 on, receives from 101. */
static void
exchange(struct rig *rig, int n)
{
	struct ibv_sge from = {(uintptr_t)rig->mem, RIG_FRAME, rig->mr->lkey};
	struct ibv_sge to = {(uintptr_t)rig->mem + RIG_RECEIVED, 2048, rig->mr->lkey};
	struct ibv_send_wr *bad_send, send = {.sg_list = &from, .num_sge = 1,
		.opcode = IBV_WR_SEND, .send_flags = IBV_SEND_SIGNALED};
	struct ibv_recv_wr *bad_recv, receive = {.wr_id = 100, .sg_list = &to, .num_sge = 1};

	rig_fill(rig->mem, 1);
	while (n-- > 0) {
		send.wr_id++;
		receive.wr_id++;
		assert_int_equal(ibv_post_recv(qp, &receive, &bad_recv), 0);
		assert_int_equal(ibv_post_send(qp, &send, &bad_send), 0);
	}
	softhca_step();
}

static void
an_empty_cq_has_no_entry(void **state)
{
	assert_int_equal(ibv_start_poll(cq, &none), ENOENT);
	/* No lock is kept. */
	assert_int_equal(ibv_start_poll(cq, &none), ENOENT);
}

static void
completions_come_one_by_one(void **state)
{
	uint64_t sends = 0, receives = 100;
	int n = 0;

	exchange(*state, 3);
	assert_int_equal(ibv_start_poll(cq, &none), 0);
	do {
		assert_int_equal(cq->status, IBV_WC_SUCCESS);
		if (ibv_wc_read_opcode(cq) == IBV_WC_SEND)
			assert_int_equal(cq->wr_id, ++sends);
		else
			assert_int_equal(cq->wr_id, ++receives);
		n++;
	} while (ibv_next_poll(cq) == 0);
	ibv_end_poll(cq);
	assert_int_equal(n, 6);
	assert_int_equal(sends, 3);
	assert_int_equal(receives, 103);
}

/* Further ones are left where they are, also for the other way to poll. */
static void
polling_may_end_early(void **state)
{
	struct ibv_wc wc;

	exchange(*state, 1);
	assert_int_equal(ibv_start_poll(cq, &none), 0);
	ibv_end_poll(cq);
	assert_int_equal(ibv_poll_cq(ibv_cq_ex_to_cq(cq), 1, &wc), 1);
	assert_int_equal(ibv_start_poll(cq, &none), ENOENT);
}

/* Beyond the end of the ring, many times: the device hears of what was polled. */
static void
rounds_go_on(void **state)
{
	int round, n;

	for (round = 0; round < 1000; round++) {
		exchange(*state, RIG_WQES);
		n = 1;
		assert_int_equal(ibv_start_poll(cq, &none), 0);
		while (ibv_next_poll(cq) == 0)
			n++;
		ibv_end_poll(cq);
		assert_int_equal(n, 2 * RIG_WQES);
	}
}

static uint64_t
wall(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static void
read_sent(void)
{
	assert_int_equal(ibv_wc_read_qp_num(cq), qp->qp_num);
	assert_int_equal(ibv_wc_read_wc_flags(cq), 0);
}

/* Where a QP's number would be, a received frame has its rule's tag. */
static void
read_received(void)
{
	struct ibv_wc_tm_info info;

	assert_int_equal(ibv_wc_read_byte_len(cq), RIG_FRAME);
	assert_int_equal(ibv_wc_read_flow_tag(cq), TAG);
	assert_int_equal(ibv_wc_read_qp_num(cq), TAG);
	assert_int_equal(ibv_wc_read_cvlan(cq), 0);
	assert_int_equal(ibv_wc_read_imm_data(cq), 0);
	assert_int_equal(ibv_wc_read_src_qp(cq), 0);
	assert_int_equal(ibv_wc_read_slid(cq), 0);
	assert_int_equal(ibv_wc_read_sl(cq), 0);
	assert_int_equal(ibv_wc_read_dlid_path_bits(cq), 0);
	ibv_wc_read_tm_info(cq, &info);
	assert_int_equal(info.tag, 0);
}

static void
fields_are_those_of_the_completion(void **state)
{
	int sends = 0, receives = 0;

	exchange(*state, 1);
	assert_int_equal(ibv_start_poll(cq, &none), 0);
	do {
		if (ibv_wc_read_opcode(cq) == IBV_WC_SEND) {
			read_sent();
			sends++;
		} else {
			read_received();
			receives++;
		}
	} while (ibv_next_poll(cq) == 0);
	ibv_end_poll(cq);
	assert_int_equal(sends, 1);
	assert_int_equal(receives, 1);
}

static void
completions_have_the_time(void **state)
{
	struct ibv_values_ex values = {.comp_mask = IBV_VALUES_MASK_RAW_CLOCK};
	uint64_t raw, from = wall(), at;
	struct rig *rig = *state;

	assert_int_equal(ibv_query_rt_values_ex(rig->ctx, &values), 0);
	raw = values.raw_clock.tv_sec * 1000000000ull + values.raw_clock.tv_nsec;
	exchange(rig, 1);
	assert_int_equal(ibv_start_poll(cq, &none), 0);
	at = ibv_wc_read_completion_ts(cq);
	assert_true(at >= raw);
	assert_uint_in_range(ibv_wc_read_completion_wallclock_ns(cq), from - 1000000, wall());
	assert_int_equal(ibv_next_poll(cq), 0);
	assert_true(ibv_wc_read_completion_ts(cq) >= at);
	ibv_end_poll(cq);
}

static void
an_error_has_its_status(void **state)
{
	struct rig *rig = *state;
	struct ibv_sge sge = {(uintptr_t)rig->mem, RIG_FRAME, rig->mr->lkey + 0x100};
	struct ibv_send_wr *bad, wr = {.wr_id = 7, .sg_list = &sge, .num_sge = 1,
		.opcode = IBV_WR_SEND};

	rig_fill(rig->mem, 1);
	assert_int_equal(ibv_post_send(qp, &wr, &bad), 0);
	softhca_step();
	rig_expect("key.unknown", 1);
	assert_int_equal(ibv_start_poll(cq, &none), 0);
	assert_int_equal(cq->status, IBV_WC_LOC_PROT_ERR);
	assert_int_equal(cq->wr_id, 7);
	assert_int_equal(ibv_wc_read_qp_num(cq), qp->qp_num);
	assert_int_equal(ibv_wc_read_vendor_err(cq), 0);
	assert_int_equal(ibv_next_poll(cq), ENOENT);
	ibv_end_poll(cq);
}

/* Who polls as one thread may destroy a QP meanwhile: its completions are gone. */
static void
alone_no_lock_is_held(void **state)
{
	exchange(*state, 2);
	assert_int_equal(ibv_start_poll(cq, &none), 0);
	assert_int_equal(ibv_destroy_flow(flow), 0);
	assert_int_equal(ibv_destroy_qp(qp), 0);
	flow = NULL;
	qp = NULL;
	assert_int_equal(ibv_next_poll(cq), ENOENT);
	ibv_end_poll(cq);
}

static void
fields_that_were_not_asked_for_are_not_there(void **state)
{
	struct ibv_cq_ex *bare = make_cq(*state, IBV_WC_EX_WITH_BYTE_LEN, 0);

	assert_non_null(bare);
	assert_non_null(bare->read_byte_len);
	assert_non_null(bare->read_opcode);
	assert_non_null(bare->read_vendor_err);
	assert_non_null(bare->read_wc_flags);
	assert_null(bare->read_qp_num);
	assert_null(bare->read_completion_ts);
	assert_null(bare->read_completion_wallclock_ns);
	assert_null(bare->read_flow_tag);
	assert_null(bare->read_cvlan);
	assert_int_equal(ibv_destroy_cq(ibv_cq_ex_to_cq(bare)), 0);
}

/* A CQ that may be given completions in that format, with a QP, and n frames for it. */
static struct ibv_cq *
receive_into(struct rig *rig, uint8_t format, uint32_t n)
{
	struct ibv_cq_init_attr_ex attr = {.cqe = 2 * RIG_WQES - 1};
	struct mlx5dv_cq_init_attr more = {
		.comp_mask = MLX5DV_CQ_INIT_ATTR_MASK_COMPRESSED_CQE,
		.cqe_comp_res_format = format,
	};
	uint32_t i;

	cq = mlx5dv_create_cq(rig->ctx, &attr, &more);
	assert_non_null(cq);
	make_qp(rig);
	for (i = 0; i < n; i++) {
		struct ibv_sge sge = {(uintptr_t)rig->mem + RIG_RECEIVED + 2048 * i, 2048,
			rig->mr->lkey};
		struct ibv_recv_wr wr = {.sg_list = &sge, .num_sge = 1}, *bad;

		rig_fill(rig->mem + RIG_SENT, i);
		assert_int_equal(ibv_post_recv(qp, &wr, &bad), 0);
		assert_int_equal(rig_send(rig, RIG_SENT, RIG_FRAME, rig->mr->lkey), 0);
	}
	softhca_step();
	return ibv_cq_ex_to_cq(cq);
}

static void
without_cq(struct rig *rig)
{
	assert_int_equal(ibv_destroy_flow(flow), 0);
	assert_int_equal(ibv_destroy_qp(qp), 0);
	assert_int_equal(ibv_destroy_cq(ibv_cq_ex_to_cq(cq)), 0);
}

/* libmlx5 takes a title for one frame. */
static void
compressed_ones_are_not_for_verbs(void **state)
{
	struct rig *rig = *state;
	struct ibv_wc wc[8];
	struct ibv_cq *it = receive_into(rig, MLX5DV_CQE_RES_FORMAT_HASH, 8);

	assert_int_equal(ibv_poll_cq(it, 1, wc), 1);
	assert_int_equal(wc[0].byte_len, 8);
	rig_expect("cq.format", 1);
	without_cq(rig);
	/* No other format is made. */
	it = receive_into(rig, MLX5DV_CQE_RES_FORMAT_CSUM, 8);
	assert_int_equal(ibv_poll_cq(it, 8, wc), 8);
	assert_int_equal(wc[7].byte_len, RIG_FRAME);
	rig_expect("cq.format", 0);
	without_cq(rig);
}

static void
the_device_says_what_it_compresses(void **state)
{
	struct rig *rig = *state;
	struct mlx5dv_context attr = {.comp_mask = MLX5DV_CONTEXT_MASK_CQE_COMPRESION |
		MLX5DV_CONTEXT_MASK_TUNNEL_OFFLOADS};

	assert_int_equal(mlx5dv_query_device(rig->ctx, &attr), 0);
	assert_int_equal(attr.comp_mask, MLX5DV_CONTEXT_MASK_CQE_COMPRESION);
	assert_int_equal(attr.cqe_comp_caps.max_num, 64);
	assert_true(attr.cqe_comp_caps.supported_format & MLX5DV_CQE_RES_FORMAT_HASH);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(an_empty_cq_has_no_entry),
		CASE(completions_come_one_by_one),
		CASE(polling_may_end_early),
		CASE(rounds_go_on),
		CASE(fields_are_those_of_the_completion),
		CASE(completions_have_the_time),
		CASE(an_error_has_its_status),
		CASE(fields_that_were_not_asked_for_are_not_there),
		cmocka_unit_test_setup_teardown(alone_no_lock_is_held, set_up_alone, tear_down),
		cmocka_unit_test_setup_teardown(compressed_ones_are_not_for_verbs, rig_set_up,
			rig_tear_down),
		cmocka_unit_test_setup_teardown(the_device_says_what_it_compresses, rig_set_up,
			rig_tear_down),
	};

	rig_environment(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
