/* SPDX-License-Identifier: BSD-3-Clause */
/* The model by verbs only: post, poll, states, events. Stepped, so that each case is exact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "rig.h"

static void
a_frame_comes_back_whole(void **state)
{
	rig_round_trip(*state);
}

static void
rounds_go_on_beyond_every_wrap(void **state)
{
	struct rig *rig = *state;
	struct ibv_wc wc;
	uint32_t i;

	for (i = 0; i < 70000; i++) {
		rig_fill(rig->mem + RIG_SENT, i);
		assert_int_equal(rig_recv(rig, RIG_RECEIVED, 2048, rig->mr->lkey), 0);
		assert_int_equal(rig_send(rig, RIG_SENT, RIG_FRAME, rig->mr->lkey), 0);
		softhca_step();
		wc = rig_wc(rig->send_cq);
		assert_int_equal(wc.status, IBV_WC_SUCCESS);
		wc = rig_wc(rig->recv_cq);
		assert_int_equal(wc.status, IBV_WC_SUCCESS);
		assert_memory_equal(rig->mem + RIG_RECEIVED, rig->mem + RIG_SENT, RIG_FRAME);
	}
}

static void
segments_are_gathered_and_scattered(void **state)
{
	struct rig *rig = *state;
	struct ibv_sge from[2] = {
		{(uintptr_t)rig->mem + RIG_SENT + 50, RIG_FRAME - 50, rig->mr->lkey},
		{(uintptr_t)rig->mem + RIG_SENT + 200, 50, rig->mr->lkey},
	};
	struct ibv_sge to[2] = {
		{(uintptr_t)rig->mem + RIG_RECEIVED, 33, rig->mr->lkey},
		{(uintptr_t)rig->mem + RIG_RECEIVED + 2048, 2048, rig->mr->lkey},
	};
	struct ibv_send_wr *bad_send, send = {
		.sg_list = from,
		.num_sge = 2,
		.opcode = IBV_WR_SEND,
		.send_flags = IBV_SEND_SIGNALED,
	};
	struct ibv_recv_wr *bad_recv, recv = {.sg_list = to, .num_sge = 2};

	rig_fill(rig->mem + RIG_SENT + 50, 1);
	rig_fill(rig->mem + RIG_SENT + 200, 101);
	assert_int_equal(ibv_post_recv(rig->qp, &recv, &bad_recv), 0);
	assert_int_equal(ibv_post_send(rig->qp, &send, &bad_send), 0);
	softhca_step();
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_SUCCESS);
	assert_int_equal(rig_wc(rig->recv_cq).byte_len, RIG_FRAME);
	assert_memory_equal(rig->mem + RIG_RECEIVED, rig->mem + RIG_SENT + 50, 33);
	assert_memory_equal(
		rig->mem + RIG_RECEIVED + 2048, rig->mem + RIG_SENT + 83, RIG_FRAME - 50 - 33);
	assert_memory_equal(rig->mem + RIG_RECEIVED + 2048 + RIG_FRAME - 50 - 33,
		rig->mem + RIG_SENT + 200, 50);
}

static void
short_frames_are_padded(void **state)
{
	static const uint8_t zeros[60];
	struct rig *rig = *state;

	rig_fill(rig->mem, 3);
	memset(rig->mem + RIG_RECEIVED, 0xff, 64);
	assert_int_equal(rig_recv(rig, RIG_RECEIVED, 2048, rig->mr->lkey), 0);
	assert_int_equal(rig_send(rig, RIG_SENT, 20, rig->mr->lkey), 0);
	softhca_step();
	assert_int_equal(rig_wc(rig->recv_cq).byte_len, 60);
	assert_memory_equal(rig->mem + RIG_RECEIVED, rig->mem, 20);
	assert_memory_equal(rig->mem + RIG_RECEIVED + 20, zeros, 40);
}

static void
without_a_buffer_the_frame_is_dropped(void **state)
{
	struct rig *rig = *state;

	rig_fill(rig->mem, 3);
	assert_int_equal(rig_send(rig, RIG_SENT, RIG_FRAME, rig->mr->lkey), 0);
	softhca_step();
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_SUCCESS);
	assert_int_equal(rig_recv(rig, RIG_RECEIVED, 2048, rig->mr->lkey), 0);
	softhca_step();
	rig_no_wc(rig->recv_cq);
}

static void
a_full_ring_is_enomem(void **state)
{
	struct rig *rig = *state;
	uint32_t i;

	/* Two segments: two WQEBBs a request by libmlx5's calculation, of which one is used. */
	for (i = 0; i < RIG_WQES; i++) {
		assert_int_equal(rig_recv(rig, RIG_RECEIVED, 2048, rig->mr->lkey), 0);
		assert_int_equal(rig_send(rig, RIG_SENT, RIG_FRAME, rig->mr->lkey), 0);
	}
	assert_int_equal(rig_recv(rig, RIG_RECEIVED, 2048, rig->mr->lkey), ENOMEM);
	assert_int_equal(rig_send(rig, RIG_SENT, RIG_FRAME, rig->mr->lkey), ENOMEM);
	rig_fill(rig->mem, 0);
	softhca_step();
	for (i = 0; i < RIG_WQES; i++) {
		assert_int_equal(rig_wc(rig->recv_cq).status, IBV_WC_SUCCESS);
		assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_SUCCESS);
	}
}

static void
a_bad_request_stops_the_post_there(void **state)
{
	struct rig *rig = *state;
	struct ibv_sge sge[3] = {{(uintptr_t)rig->mem, RIG_FRAME, rig->mr->lkey}};
	struct ibv_send_wr *bad, wr[2] = {
		{.next = &wr[1], .sg_list = sge, .num_sge = 1, .opcode = IBV_WR_SEND,
			.send_flags = IBV_SEND_SIGNALED},
		{.sg_list = sge, .num_sge = 3, .opcode = IBV_WR_SEND},
	};

	rig_fill(rig->mem, 0);
	assert_int_equal(ibv_post_send(rig->qp, wr, &bad), ENOMEM);
	assert_ptr_equal(bad, &wr[1]);
	softhca_step();
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_SUCCESS);
	rig_no_wc(rig->send_cq);
}

static void
a_frame_longer_than_its_buffer_is_an_error(void **state)
{
	struct rig *rig = *state;

	rig_fill(rig->mem + RIG_SENT, 9);
	assert_int_equal(rig_recv(rig, RIG_RECEIVED, RIG_FRAME - 1, rig->mr->lkey), 0);
	assert_int_equal(rig_send(rig, RIG_SENT, RIG_FRAME, rig->mr->lkey), 0);
	softhca_step();
	rig_expect("rq.length", 1);
	assert_int_equal(rig_wc(rig->recv_cq).status, IBV_WC_LOC_LEN_ERR);
}

/* The rig's QP, and another one by that rule. */
static void
both_have_the_frame(struct rig *rig, struct ibv_flow_attr *attr)
{
	struct ibv_qp_init_attr init = {
		.qp_type = IBV_QPT_RAW_PACKET, .send_cq = rig->send_cq, .recv_cq = rig->send_cq,
		.cap = {1, 4, 1, 1, 0},
	};
	struct ibv_qp *qp = ibv_create_qp(rig->pd, &init);
	struct ibv_sge sge = {(uintptr_t)rig->mem + 2 * RIG_RECEIVED, 2048, rig->mr->lkey};
	struct ibv_recv_wr *bad, wr = {.wr_id = 5, .sg_list = &sge, .num_sge = 1};
	struct ibv_flow *flow = ibv_create_flow(qp, attr);

	rig_start(qp);
	assert_non_null(flow);
	assert_int_equal(ibv_post_recv(qp, &wr, &bad), 0);
	assert_int_equal(rig_recv(rig, RIG_RECEIVED, 2048, rig->mr->lkey), 0);
	rig_fill(rig->mem, 3);
	assert_int_equal(rig_send(rig, RIG_SENT, RIG_FRAME, rig->mr->lkey), 0);
	softhca_step();
	assert_int_equal(rig_wc(rig->recv_cq).wr_id, RIG_RECEIVED);
	assert_memory_equal(rig->mem + RIG_RECEIVED, rig->mem, RIG_FRAME);
	assert_memory_equal(rig->mem + 2 * RIG_RECEIVED, rig->mem, RIG_FRAME);
	assert_int_equal(ibv_destroy_flow(flow), 0);
	assert_int_equal(ibv_destroy_qp(qp), 0);
}

static void
a_rule_may_let_frames_go_on(void **state)
{
	struct ibv_flow_attr attr = {
		.type = IBV_FLOW_ATTR_NORMAL, .port = 1, .flags = IBV_FLOW_ATTR_FLAGS_DONT_TRAP};

	both_have_the_frame(*state, &attr);
}

static void
the_same_rule_may_have_two_destinations(void **state)
{
	struct ibv_flow_attr attr = {.type = IBV_FLOW_ATTR_ALL_DEFAULT, .port = 1};

	both_have_the_frame(*state, &attr);
}

static void
a_channel_reports_completions(void **state)
{
	struct rig *rig = *state;
	struct ibv_comp_channel *channel = ibv_create_comp_channel(rig->ctx);
	struct ibv_cq *cq = ibv_create_cq(rig->ctx, 15, rig, channel, 0), *got;
	struct ibv_qp_init_attr init = {
		.qp_type = IBV_QPT_RAW_PACKET,
		.send_cq = cq,
		.recv_cq = cq,
		.cap = {4, 0, 1, 0, 0},
	};
	struct ibv_qp *qp = ibv_create_qp(rig->pd, &init);
	struct ibv_sge sge = {(uintptr_t)rig->mem, RIG_FRAME, rig->mr->lkey};
	struct ibv_send_wr *bad, wr = {.sg_list = &sge, .num_sge = 1, .opcode = IBV_WR_SEND,
		.send_flags = IBV_SEND_SIGNALED};
	void *user;

	fcntl(channel->fd, F_SETFL, O_NONBLOCK);
	rig_fill(rig->mem, 0);
	rig_start(qp);
	assert_int_equal(ibv_post_send(qp, &wr, &bad), 0);
	softhca_step();
	assert_int_equal(ibv_get_cq_event(channel, &got, &user), -1);
	assert_int_equal(ibv_req_notify_cq(cq, 0), 0);
	softhca_step();
	/* A completion existed when it was armed. */
	assert_int_equal(ibv_get_cq_event(channel, &got, &user), 0);
	assert_ptr_equal(got, cq);
	assert_ptr_equal(user, rig);
	ibv_ack_cq_events(cq, 1);
	rig_wc(cq);
	assert_int_equal(ibv_req_notify_cq(cq, 0), 0);
	softhca_step();
	assert_int_equal(ibv_get_cq_event(channel, &got, &user), -1);
	assert_int_equal(ibv_post_send(qp, &wr, &bad), 0);
	softhca_step();
	assert_int_equal(ibv_get_cq_event(channel, &got, &user), 0);
	assert_int_equal(ibv_destroy_comp_channel(channel), EBUSY);
	assert_int_equal(ibv_destroy_qp(qp), 0);
	assert_int_equal(ibv_destroy_cq(cq), 0);
	/* The second event was not acknowledged. */
	rig_expect("cq.unacked", 1);
	assert_int_equal(ibv_destroy_comp_channel(channel), 0);
}

static void
the_device_reports_its_capabilities(void **state)
{
	struct rig *rig = *state;
	struct ibv_device_attr_ex attr;
	struct ibv_port_attr port;

	assert_int_equal(ibv_query_device_ex(rig->ctx, NULL, &attr), 0);
	assert_true((attr.raw_packet_caps & IBV_RAW_PACKET_CAP_IP_CSUM) != 0);
	assert_true((attr.raw_packet_caps & IBV_RAW_PACKET_CAP_CVLAN_STRIPPING) != 0);
	assert_true((attr.rss_caps.supported_qpts & 1 << IBV_QPT_RAW_PACKET) != 0);
	assert_true(attr.rss_caps.max_rwq_indirection_table_size >= 512);
	assert_int_equal(ibv_query_port(rig->ctx, 1, &port), 0);
	assert_int_equal(port.state, IBV_PORT_ACTIVE);
	assert_int_equal(port.link_layer, IBV_LINK_LAYER_ETHERNET);
	assert_int_equal(ibv_query_port(rig->ctx, 2, &port), EINVAL);
}

static void
a_qp_has_what_its_rings_have_room_for(void **state)
{
	struct rig *rig = *state;
	struct ibv_qp_init_attr init = {
		.qp_type = IBV_QPT_RAW_PACKET, .send_cq = rig->send_cq, .recv_cq = rig->recv_cq,
		.cap = {5, 1, 3, 0, 0},
	}, got;
	struct ibv_qp *qp = ibv_create_qp(rig->pd, &init);
	struct ibv_qp_attr attr;

	assert_non_null(qp);
	/* Of 128 bytes each, in a ring of 1024; receives of 16 bytes, in one of 64. */
	assert_int_equal(init.cap.max_send_wr, 8);
	assert_int_equal(init.cap.max_send_sge, 3);
	assert_int_equal(init.cap.max_inline_data, 128 - 48 - 4);
	assert_int_equal(init.cap.max_recv_wr, 4);
	assert_int_equal(init.cap.max_recv_sge, 1);
	assert_int_equal(ibv_query_qp(qp, &attr, IBV_QP_CAP, &got), 0);
	assert_memory_equal(&got.cap, &init.cap, sizeof(got.cap));
	assert_int_equal(ibv_destroy_qp(qp), 0);
}

/* A request of a connection may bind a memory window, which has 176 bytes. */
static void
a_connection_has_room_for_its_longest_request(void **state)
{
	struct rig *rig = *state;
	struct ibv_qp_init_attr init = {
		.qp_type = IBV_QPT_RC, .send_cq = rig->send_cq, .recv_cq = rig->recv_cq,
		.cap = {5, 1, 3, 0, 0},
	};
	struct ibv_qp *qp = ibv_create_qp(rig->pd, &init);

	assert_non_null(qp);
	assert_int_equal(init.cap.max_send_wr, 8);
	assert_int_equal(init.cap.max_inline_data, 256 - 192 - 4);
	assert_int_equal(ibv_destroy_qp(qp), 0);
	init.qp_type = IBV_QPT_UD;
	init.cap = (struct ibv_qp_cap){5, 1, 3, 0, 0};
	qp = ibv_create_qp(rig->pd, &init);
	assert_non_null(qp);
	assert_int_equal(init.cap.max_inline_data, 128 - 64 - 4);
	assert_int_equal(ibv_destroy_qp(qp), 0);
}

/* By settings of libmlx5: where there are no huge pages they cannot be had. */
static void
rings_in_huge_pages_want_some(void **state)
{
	const char *settings[] = {"MLX_CQ_ALLOC_TYPE", "MLX_QP_ALLOC_TYPE", "MLX_SRQ_ALLOC_TYPE"};
	struct rig *rig = *state;
	struct ibv_srq_init_attr srq_init = {.attr = {1, 1, 0}};
	struct ibv_qp_init_attr init = {
		.qp_type = IBV_QPT_RC, .send_cq = rig->send_cq, .recv_cq = rig->recv_cq,
		.cap = {1, 1, 1, 1, 0},
	};
	void *page = mmap(NULL, 2 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	bool there_are = page != MAP_FAILED;
	struct ibv_srq *srq;
	struct ibv_cq *cq;
	struct ibv_qp *qp;
	size_t i;

	for (i = 0; i < 3; i++)
		setenv(settings[i], "HUGE", 1);
	if (there_are)
		munmap(page, 2 << 20);
	cq = ibv_create_cq(rig->ctx, 1, NULL, NULL, 0);
	qp = ibv_create_qp(rig->pd, &init);
	srq = ibv_create_srq(rig->pd, &srq_init);
	for (i = 0; i < 3; i++)
		unsetenv(settings[i]);
	assert_int_equal(cq != NULL, there_are);
	assert_int_equal(qp != NULL, there_are);
	assert_int_equal(srq != NULL, there_are);
	if (!there_are)
		return;
	assert_int_equal(ibv_destroy_qp(qp), 0);
	assert_int_equal(ibv_destroy_srq(srq), 0);
	assert_int_equal(ibv_destroy_cq(cq), 0);
}

/* It has no room for any. */
static void
to_a_queue_that_there_is_not_nothing_is_posted(void **state)
{
	struct rig *rig = *state;
	struct ibv_qp_init_attr init = {
		.qp_type = IBV_QPT_UD, .send_cq = rig->send_cq, .recv_cq = rig->recv_cq};
	struct ibv_qp *qp = ibv_create_qp(rig->pd, &init);
	struct ibv_send_wr *bad_send, send = {.opcode = IBV_WR_SEND};
	struct ibv_recv_wr *bad_recv, recv = {0};

	assert_non_null(qp);
	assert_int_equal(ibv_post_send(qp, &send, &bad_send), ENOMEM);
	assert_ptr_equal(bad_send, &send);
	assert_int_equal(ibv_post_recv(qp, &recv, &bad_recv), ENOMEM);
	assert_ptr_equal(bad_recv, &recv);
	send.opcode = 77;
	assert_int_equal(ibv_post_send(qp, &send, &bad_send), EINVAL);
	assert_int_equal(ibv_destroy_qp(qp), 0);
}

static void
other_transports_are_not_modelled(void **state)
{
	struct rig *rig = *state;
	struct ibv_qp_init_attr init = {
		.qp_type = IBV_QPT_XRC_SEND, .send_cq = rig->send_cq, .recv_cq = rig->recv_cq,
		.cap = {1, 1, 1, 1, 0},
	};

	assert_null(ibv_create_qp(rig->pd, &init));
	assert_int_equal(errno, EOPNOTSUPP);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_frame_comes_back_whole),
		CASE(rounds_go_on_beyond_every_wrap),
		CASE(segments_are_gathered_and_scattered),
		CASE(short_frames_are_padded),
		CASE(without_a_buffer_the_frame_is_dropped),
		CASE(a_full_ring_is_enomem),
		CASE(a_bad_request_stops_the_post_there),
		CASE(a_frame_longer_than_its_buffer_is_an_error),
		CASE(a_rule_may_let_frames_go_on),
		CASE(the_same_rule_may_have_two_destinations),
		CASE(a_channel_reports_completions),
		CASE(the_device_reports_its_capabilities),
		CASE(a_qp_has_what_its_rings_have_room_for),
		CASE(a_connection_has_room_for_its_longest_request),
		CASE(rings_in_huge_pages_want_some),
		CASE(to_a_queue_that_there_is_not_nothing_is_posted),
		CASE(other_transports_are_not_modelled),
	};

	rig_environment(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
