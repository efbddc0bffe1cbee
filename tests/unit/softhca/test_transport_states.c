/* SPDX-License-Identifier: BSD-3-Clause */
/* The states of QPs with a transport, and what they keep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>

#include <cmocka.h>

#include "pair_case.h"

#define TO  8192u
#define LEN 300u

static void
post_send(uint32_t len)
{
	assert_int_equal(
		pair_post(&pair, (struct pair_request){.opcode = IBV_WR_SEND, .len = len}), 0);
}

static void
all_works_again_after_a_reset(void **state)
{
	struct rig *rig = *state;

	pair_recv(&pair, TO, 1);
	post_send(LEN);
	pair_wc(&pair, 0, IBV_WC_REM_INV_REQ_ERR);
	pair_restart(&pair, PAIR_ACCESS);
	rig_no_wc(pair.cqs[1]);
	pair_recv(&pair, TO, LEN);
	rig->mem[5] = 77;
	post_send(LEN);
	pair_wc(&pair, 0, IBV_WC_SUCCESS);
	pair_wc(&pair, 1, IBV_WC_SUCCESS);
	assert_int_equal(rig->mem[TO + 5], 77);
}

static void
a_query_tells_what_was_set(void **state)
{
	struct ibv_qp_attr set = pair_attributes(pair.rig, pair.qps[1]->qp_num), got;
	struct ibv_qp_init_attr init;

	assert_int_equal(ibv_query_qp(pair.qps[0], &got, IBV_QP_STATE, &init), 0);
	assert_int_equal(got.qp_state, IBV_QPS_RTS);
	assert_int_equal(got.qp_access_flags, PAIR_ACCESS);
	assert_int_equal(got.path_mtu, set.path_mtu);
	assert_int_equal(got.dest_qp_num, set.dest_qp_num);
	assert_int_equal(got.rq_psn, set.rq_psn);
	assert_int_equal(got.sq_psn, set.sq_psn);
	assert_int_equal(got.max_rd_atomic, set.max_rd_atomic);
	assert_int_equal(got.max_dest_rd_atomic, set.max_dest_rd_atomic);
	assert_int_equal(got.timeout, set.timeout);
	assert_int_equal(got.retry_cnt, set.retry_cnt);
	assert_int_equal(got.rnr_retry, set.rnr_retry);
	assert_int_equal(got.min_rnr_timer, set.min_rnr_timer);
	assert_memory_equal(&got.ah_attr, &set.ah_attr, sizeof(set.ah_attr));
	assert_int_equal(init.qp_type, IBV_QPT_RC);
}

static void
one_direction_drains_in_no_state(void **state)
{
	struct ibv_qp_attr attr = {.qp_state = IBV_QPS_SQD};

	assert_int_equal(ibv_modify_qp(pair.qps[0], &attr, IBV_QP_STATE), EINVAL);
	assert_int_equal(pair_state(pair.qps[0]), IBV_QPS_RTS);
}

static void
an_error_of_a_send_queue_alone_is_recovered_from(void **state)
{
	struct ibv_qp_attr attr = {.qp_state = IBV_QPS_RTS, .cur_qp_state = IBV_QPS_SQE};

	/* Longer than a packet. */
	post_send(1025);
	pair_wc(&pair, 0, IBV_WC_LOC_LEN_ERR);
	assert_int_equal(pair_state(pair.qps[0]), IBV_QPS_SQE);
	post_send(LEN);
	pair_wc(&pair, 0, IBV_WC_WR_FLUSH_ERR);
	assert_int_equal(ibv_modify_qp(pair.qps[0], &attr, IBV_QP_STATE | IBV_QP_CUR_STATE), 0);
	pair_recv(&pair, TO, 40 + 1024);
	post_send(1024);
	pair_wc(&pair, 0, IBV_WC_SUCCESS);
	pair_wc(&pair, 1, IBV_WC_SUCCESS);
}

static void
what_was_put_into_error_is_there(void **state)
{
	struct ibv_qp_attr attr = {.qp_state = IBV_QPS_ERR};

	assert_int_equal(ibv_modify_qp(pair.qps[0], &attr, IBV_QP_STATE), 0);
	assert_int_equal(pair_state(pair.qps[0]), IBV_QPS_ERR);
	attr.qp_state = IBV_QPS_RTS;
	assert_int_equal(ibv_modify_qp(pair.qps[0], &attr, IBV_QP_STATE), EINVAL);
}

static void
a_rate_limit_is_for_raw_packets(void **state)
{
	struct ibv_qp_attr attr = {.qp_state = IBV_QPS_RTS, .rate_limit = 0};

	assert_int_equal(ibv_modify_qp(pair.qps[0], &attr, IBV_QP_STATE | IBV_QP_RATE_LIMIT),
		EOPNOTSUPP);
}

/* The table has more entries than addresses. */
static void
an_entry_without_an_address_is_none(void **state)
{
	struct ibv_qp_attr attr = pair_attributes(pair.rig, pair.qps[1]->qp_num), reset = {
		.qp_state = IBV_QPS_RESET};
	struct ibv_ah_attr address = attr.ah_attr;

	address.grh.sgid_index = 255;
	errno = 0;
	assert_null(ibv_create_ah(pair.rig->pd, &address));
	assert_int_equal(errno, ENODATA);
	assert_int_equal(ibv_modify_qp(pair.qps[0], &reset, IBV_QP_STATE), 0);
	pair_start(pair.qps[0], &attr, IBV_QPS_INIT);
	attr.ah_attr.grh.sgid_index = 2;
	attr.qp_state = IBV_QPS_RTR;
	assert_int_equal(ibv_modify_qp(pair.qps[0], &attr, pair_mask(IBV_QPT_RC, IBV_QPS_RTR)),
		ENODATA);
}

/* 1 is none, and what is behind the fastest. 0 is as fast as the port. */
static void
a_path_has_a_rate_that_there_is(void **state)
{
	static const uint8_t right[] = {0, IBV_RATE_2_5_GBPS, 22}, wrong[] = {1, 26, 255};
	struct ibv_qp_attr attr = pair_attributes(pair.rig, 0);
	struct ibv_ah *ah;
	size_t i;

	for (i = 0; i < sizeof(right); i++) {
		attr.ah_attr.static_rate = right[i];
		ah = ibv_create_ah(pair.rig->pd, &attr.ah_attr);
		assert_non_null(ah);
		assert_int_equal(ibv_destroy_ah(ah), 0);
	}
	for (i = 0; i < sizeof(wrong); i++) {
		attr.ah_attr.static_rate = wrong[i];
		errno = 0;
		assert_null(ibv_create_ah(pair.rig->pd, &attr.ah_attr));
		assert_int_equal(errno, EINVAL);
	}
}

static void
an_address_keeps_its_domain(void **state)
{
	struct ibv_qp_attr attr = pair_attributes(pair.rig, 0);
	struct ibv_pd *pd = ibv_alloc_pd(pair.rig->ctx);
	struct ibv_ah *ah = ibv_create_ah(pd, &attr.ah_attr);

	assert_int_equal(ibv_dealloc_pd(pd), EBUSY);
	assert_int_equal(ibv_destroy_ah(ah), 0);
	assert_int_equal(ibv_dealloc_pd(pd), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RC(all_works_again_after_a_reset),
		RC(a_query_tells_what_was_set),
		RC(one_direction_drains_in_no_state),
		RC(a_rate_limit_is_for_raw_packets),
		UD(a_rate_limit_is_for_raw_packets),
		RC(an_entry_without_an_address_is_none),
		UD(a_path_has_a_rate_that_there_is),
		RC(what_was_put_into_error_is_there),
		UD(what_was_put_into_error_is_there),
		UD(an_error_of_a_send_queue_alone_is_recovered_from),
		UD(an_address_keeps_its_domain),
	};

	rig_environment(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
