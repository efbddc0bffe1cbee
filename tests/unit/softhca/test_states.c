/* SPDX-License-Identifier: BSD-3-Clause */
/* States of a raw packet QP, and its doorbells: what may be done, and what a query tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <endian.h>
#include <errno.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "refusals/refusals.h"
#include "ring.h"

static void
states_follow_the_rules(void **state)
{
	struct rig *rig = *state;
	struct ibv_qp_attr attr = {.qp_state = IBV_QPS_RESET, .port_num = 1};
	struct ibv_qp_init_attr init;

	assert_int_equal(ibv_modify_qp(rig->qp, &attr, IBV_QP_STATE), 0);
	attr.qp_state = IBV_QPS_RTS;
	assert_int_equal(ibv_modify_qp(rig->qp, &attr, IBV_QP_STATE), EINVAL);
	attr.qp_state = IBV_QPS_INIT;
	assert_int_equal(ibv_modify_qp(rig->qp, &attr, IBV_QP_STATE), EINVAL);
	rig_start(rig->qp);
	attr.qp_state = IBV_QPS_ERR;
	assert_int_equal(rig_recv(rig, RIG_RECEIVED, 2048, rig->mr->lkey), 0);
	assert_int_equal(ibv_modify_qp(rig->qp, &attr, IBV_QP_STATE), 0);
	softhca_step();
	assert_int_equal(rig_wc(rig->recv_cq).status, IBV_WC_WR_FLUSH_ERR);
	assert_int_equal(ibv_query_qp(rig->qp, &attr, IBV_QP_STATE, &init), 0);
	assert_int_equal(attr.qp_state, IBV_QPS_ERR);
	assert_int_equal(ibv_destroy_cq(rig->send_cq), EBUSY);
}


static void
rts_again_is_no_recovery(void **state)
{
	struct ibv_qp_attr attr = {.qp_state = IBV_QPS_RTS};
	struct rig *rig = *state;

	rig_fill(rig->mem, 0);
	assert_int_equal(rig_send(rig, RIG_SENT, RIG_FRAME, 0), 0);
	softhca_step();
	rig_expect("key.unknown", 1);
	assert_int_equal(ibv_modify_qp(rig->qp, &attr, IBV_QP_STATE), 0);
	assert_int_equal(rig_send(rig, RIG_SENT, RIG_FRAME, rig->mr->lkey), 0);
	softhca_step();
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_LOC_PROT_ERR);
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_WR_FLUSH_ERR);
}


static void
a_query_tells_a_send_queue_in_error(void **state)
{
	struct rig *rig = *state;
	struct ibv_qp_init_attr init;
	struct ibv_qp_attr attr;

	rig_fill(rig->mem, 0);
	assert_int_equal(rig_send(rig, RIG_SENT, RIG_FRAME, 0), 0);
	softhca_step();
	rig_expect("key.unknown", 1);
	assert_int_equal(ibv_query_qp(rig->qp, &attr, IBV_QP_STATE, &init), 0);
	assert_int_equal(attr.qp_state, IBV_QPS_SQE);
}


/* By verbs nothing is posted then. */
static void
a_doorbell_before_rts_is_reported(void **state)
{
	struct rig *rig = *state;
	struct ibv_qp_attr attr = {.qp_state = IBV_QPS_RESET};
	struct ring_wqe wqe;
	struct ring ring;

	ring_open(&ring, rig);
	assert_int_equal(ibv_modify_qp(rig->qp, &attr, IBV_QP_STATE), 0);
	assert_int_equal(rig_send(rig, RIG_SENT, RIG_FRAME, rig->mr->lkey), ENOMEM);
	wqe = ring_send(&ring);
	ring_post(&ring, &wqe);
	rig_expect("sq.state", 1);
	ring_none_sent(&ring);
}

static void
the_doorbell_is_of_the_last_wqe(void **state)
{
	struct ring_wqe wqe;
	struct ring ring;

	ring_open(&ring, *state);
	wqe = ring_send(&ring);
	ring_write(&ring, &wqe);
	wqe = ring_send(&ring);
	ring_write(&ring, &wqe);
	/* The opcode's byte. */
	ring.last[3] ^= 1;
	ring_bell(&ring);
	softhca_step();
	rig_expect("sq.uar", 1);
}

static void
a_receive_record_has_sixteen_bits(void **state)
{
	struct rig *rig = *state;
	struct ring ring;

	ring_open(&ring, rig);
	ring_recv(&ring, 2048, rig->mr->lkey, (uintptr_t)rig->mem + RIG_RECEIVED);
	ring.qp.dbrec[MLX5_RCV_DBR] |= htobe32(1 << 16);
	assert_int_equal(rig_send(rig, RIG_SENT, RIG_FRAME, rig->mr->lkey), 0);
	rig_fill(rig->mem, 1);
	softhca_step();
	rig_expect("rq.record", 1);
	ring_received(&ring);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(states_follow_the_rules),
		CASE(rts_again_is_no_recovery),
		CASE(a_query_tells_a_send_queue_in_error),
		CASE(a_doorbell_before_rts_is_reported),
		CASE(the_doorbell_is_of_the_last_wqe),
		CASE(a_receive_record_has_sixteen_bits),
	};

	rig_environment(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
