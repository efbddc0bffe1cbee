/* SPDX-License-Identifier: BSD-3-Clause */
/* Each fault that can be requested, once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

#include "device/faults.h"
#include "engine/engine.h"
#include "rig.h"

static int
set_up(void **state)
{
	softhca_order_faults("");
	return rig_set_up(state);
}

static int
tear_down(void **state)
{
	softhca_order_faults("");
	return rig_tear_down(state);
}

static void
sends(struct rig *rig, int count)
{
	rig_fill(rig->mem, 1);
	while (count-- > 0)
		assert_int_equal(rig_send(rig, 0, RIG_FRAME, rig->mr->lkey), 0);
	softhca_step();
}

static void
a_send_completes_with_an_error(void **state)
{
	struct rig *rig = *state;

	softhca_order_faults("tx_error@3");
	sends(rig, 4);
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_SUCCESS);
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_SUCCESS);
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_LOC_PROT_ERR);
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_WR_FLUSH_ERR);
}

static void
a_receive_completes_with_an_error(void **state)
{
	struct rig *rig = *state;
	int i;

	softhca_order_faults("rx_error@2");
	for (i = 0; i < 3; i++)
		assert_int_equal(rig_recv(rig, RIG_RECEIVED, 2048, rig->mr->lkey), 0);
	sends(rig, 3);
	assert_int_equal(rig_wc(rig->recv_cq).status, IBV_WC_SUCCESS);
	assert_int_equal(rig_wc(rig->recv_cq).status, IBV_WC_LOC_PROT_ERR);
	assert_int_equal(rig_wc(rig->recv_cq).status, IBV_WC_WR_FLUSH_ERR);
}

static void
completions_are_held_back(void **state)
{
	struct rig *rig = *state;

	softhca_order_faults("delay_completions@2:1000");
	sends(rig, 3);
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_SUCCESS);
	rig_no_wc(rig->send_cq);
	usleep(1010000);
	softhca_step();
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_SUCCESS);
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_SUCCESS);
}

static void
a_post_fails_partway(void **state)
{
	struct rig *rig = *state;
	struct ibv_sge sge = {(uintptr_t)rig->mem, RIG_FRAME, rig->mr->lkey};
	struct ibv_send_wr *bad, wr[3];
	int i;

	rig_fill(rig->mem, 1);
	for (i = 0; i < 3; i++)
		wr[i] = (struct ibv_send_wr){.next = i < 2 ? &wr[i + 1] : NULL, .sg_list = &sge,
			.num_sge = 1, .opcode = IBV_WR_SEND, .send_flags = IBV_SEND_SIGNALED};
	softhca_order_faults("partial_post@2");
	assert_int_equal(ibv_post_send(rig->qp, wr, &bad), ENOMEM);
	assert_ptr_equal(bad, &wr[1]);
	softhca_step();
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_SUCCESS);
	rig_no_wc(rig->send_cq);
	assert_int_equal(ibv_post_send(rig->qp, bad, &bad), 0);
	softhca_step();
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_SUCCESS);
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_SUCCESS);
}

static void
verbs_fail_at_their_nth_call(void **state)
{
	struct rig *rig = *state;
	struct ibv_qp_init_attr qp = {
		.qp_type = IBV_QPT_RAW_PACKET, .send_cq = rig->send_cq, .recv_cq = rig->recv_cq,
		.cap = {1, 1, 1, 1, 0},
	};
	struct ibv_wq_init_attr wq = {
		.wq_type = IBV_WQT_RQ, .max_wr = 1, .max_sge = 1, .pd = rig->pd, .cq = rig->recv_cq,
	};
	struct ibv_flow_attr flow = {
		.type = IBV_FLOW_ATTR_ALL_DEFAULT, .size = sizeof(flow), .port = 1};
	struct ibv_qp_attr attr = {.qp_state = IBV_QPS_RESET};
	struct ibv_mr *mr;

	softhca_order_faults(
		"reg_mr@2:2,create_cq@1,create_qp@1,create_wq@1,create_flow@1,modify_qp@1");
	mr = ibv_reg_mr(rig->pd, rig->mem, 1, 0);
	assert_non_null(mr);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	assert_null(ibv_reg_mr(rig->pd, rig->mem, 1, 0));
	assert_int_equal(errno, ENOMEM);
	assert_null(ibv_reg_mr(rig->pd, rig->mem, 1, 0));
	mr = ibv_reg_mr(rig->pd, rig->mem, 1, 0);
	assert_non_null(mr);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	assert_null(ibv_create_cq(rig->ctx, 1, NULL, NULL, 0));
	assert_int_equal(errno, ENOMEM);
	assert_null(ibv_create_qp(rig->pd, &qp));
	assert_int_equal(errno, ENOMEM);
	assert_null(ibv_create_wq(rig->ctx, &wq));
	assert_int_equal(errno, ENOMEM);
	assert_null(ibv_create_flow(rig->qp, &flow));
	assert_int_equal(errno, ENOMEM);
	assert_int_equal(ibv_modify_qp(rig->qp, &attr, IBV_QP_STATE), ENOMEM);
	assert_int_equal(ibv_modify_qp(rig->qp, &attr, IBV_QP_STATE), 0);
}

static void
tables_and_work_queues_fail_too(void **state)
{
	struct rig *rig = *state;
	struct ibv_wq_init_attr init = {
		.wq_type = IBV_WQT_RQ, .max_wr = 1, .max_sge = 1, .pd = rig->pd, .cq = rig->recv_cq,
	};
	struct ibv_wq_attr attr = {.attr_mask = IBV_WQ_ATTR_STATE, .wq_state = IBV_WQS_RDY};
	struct ibv_wq *wq = ibv_create_wq(rig->ctx, &init);
	struct ibv_rwq_ind_table_init_attr table = {.ind_tbl = &wq};

	softhca_order_faults("create_rwq_ind_table@1,modify_wq@1");
	assert_null(ibv_create_rwq_ind_table(rig->ctx, &table));
	assert_int_equal(errno, ENOMEM);
	assert_int_equal(ibv_modify_wq(wq, &attr), ENOMEM);
	assert_int_equal(ibv_modify_wq(wq, &attr), 0);
	assert_int_equal(ibv_destroy_wq(wq), 0);
}

static void
expect_event(struct rig *rig, enum ibv_event_type type)
{
	struct ibv_async_event event;

	assert_int_equal(ibv_get_async_event(rig->ctx, &event), 0);
	assert_int_equal(event.event_type, type);
	ibv_ack_async_event(&event);
}

static void
the_port_goes_down_and_up(void **state)
{
	struct rig *rig = *state;
	struct ibv_async_event event;
	struct ibv_port_attr port;

	fcntl(rig->ctx->async_fd, F_SETFL, O_NONBLOCK);
	softhca_order_faults("port_down@1000ms,port_up@3000ms");
	assert_int_equal(ibv_get_async_event(rig->ctx, &event), -1);
	assert_int_equal(errno, EAGAIN);
	usleep(1010000);
	softhca_step();
	expect_event(rig, IBV_EVENT_PORT_ERR);
	assert_int_equal(ibv_query_port(rig->ctx, 1, &port), 0);
	assert_int_equal(port.state, IBV_PORT_DOWN);
	assert_int_equal(rig_recv(rig, RIG_RECEIVED, 2048, rig->mr->lkey), 0);
	sends(rig, 1);
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_SUCCESS);
	rig_no_wc(rig->recv_cq);
	usleep(2000000);
	softhca_step();
	expect_event(rig, IBV_EVENT_PORT_ACTIVE);
	sends(rig, 1);
	assert_int_equal(rig_wc(rig->recv_cq).status, IBV_WC_SUCCESS);
}

static void
the_device_is_lost(void **state)
{
	struct rig *rig = *state;
	struct ibv_qp_attr attr = {.qp_state = IBV_QPS_RESET};
	struct ibv_device_attr device;

	softhca_order_faults("device_fatal@1ms");
	usleep(2000);
	sends(rig, 1);
	expect_event(rig, IBV_EVENT_DEVICE_FATAL);
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_WR_FLUSH_ERR);
	assert_int_equal(ibv_query_device(rig->ctx, &device), EIO);
	/* The device works again only after it is opened again. */
	assert_int_equal(ibv_modify_qp(rig->qp, &attr, IBV_QP_STATE), 0);
	rig_start(rig->qp);
	sends(rig, 1);
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_WR_FLUSH_ERR);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_send_completes_with_an_error),
		CASE(a_receive_completes_with_an_error),
		CASE(completions_are_held_back),
		CASE(a_post_fails_partway),
		CASE(verbs_fail_at_their_nth_call),
		CASE(tables_and_work_queues_fail_too),
		CASE(the_port_goes_down_and_up),
		CASE(the_device_is_lost),
	};

	rig_environment(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
