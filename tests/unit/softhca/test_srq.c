/* SPDX-License-Identifier: BSD-3-Clause */
/* Shared receive queues: several QPs whose messages use up the buffers of one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/checks.h"
#include "device/faults.h"
#include "engine/engine.h"
#include "pair.h"

#define WQES 7u
#define LEN  200u
/* Where the buffer of that number is, which is its id. */
#define BUFFER(number) (16384u + (number) * 256u)

/* Two pairs whose second QPs receive by it. */
static struct pair pairs[2];
static struct ibv_srq *srq;

static struct ibv_qp *
make_receiver(struct pair *pair)
{
	struct ibv_qp_init_attr init = {
		.qp_type = IBV_QPT_RC,
		.send_cq = pair->cqs[1],
		.recv_cq = pair->cqs[1],
		.srq = srq,
		.cap = {1, 0, 1, 0, 0},
	};

	return ibv_create_qp(pair->rig->pd, &init);
}

static int
set_up(void **state)
{
	struct ibv_srq_init_attr init = {.attr = {WQES, 2, 0}};
	struct rig *rig;
	int i;

	assert_int_equal(rig_set_up(state), 0);
	rig = *state;
	srq = ibv_create_srq(rig->pd, &init);
	assert_non_null(srq);
	assert_int_equal(init.attr.max_wr, WQES);
	for (i = 0; i < 2; i++) {
		pair_set_up(&pairs[i], rig, IBV_QPT_RC);
		assert_int_equal(ibv_destroy_qp(pairs[i].qps[1]), 0);
		pairs[i].qps[1] = make_receiver(&pairs[i]);
		assert_non_null(pairs[i].qps[1]);
		pair_restart(&pairs[i], PAIR_ACCESS);
	}
	return 0;
}

static int
tear_down(void **state)
{
	int i;

	/* Before the memory of what is still posted. */
	for (i = 0; i < 2; i++) {
		if (pairs[i].qps[1] != NULL)
			assert_int_equal(ibv_destroy_qp(pairs[i].qps[1]), 0);
		pairs[i].qps[1] = NULL;
	}
	if (srq != NULL)
		assert_int_equal(ibv_destroy_srq(srq), 0);
	for (i = 0; i < 2; i++)
		pair_tear_down(&pairs[i]);
	return rig_tear_down(state);
}

static int
post_recv(uint32_t number, uint32_t len, uint32_t key)
{
	struct ibv_sge sge = {(uintptr_t)pairs[0].rig->mem + BUFFER(number), len, key};
	struct ibv_recv_wr *bad, wr = {.wr_id = number, .sg_list = &sge, .num_sge = 1};

	return ibv_post_srq_recv(srq, &wr, &bad);
}

static void
provide(uint32_t number)
{
	assert_int_equal(post_recv(number, LEN, pairs[0].mr->lkey), 0);
}

static void
send(int from, uint8_t value, uint32_t len)
{
	memset(pairs[from].rig->mem, value, len);
	assert_int_equal(pair_post(&pairs[from],
		(struct pair_request){.opcode = IBV_WR_SEND, .len = len}), 0);
	softhca_step();
}

static void
is_received(int by, uint32_t number, uint8_t value)
{
	struct ibv_wc wc = pair_wc(&pairs[by], 1, IBV_WC_SUCCESS);

	assert_int_equal(wc.wr_id, number);
	assert_int_equal(wc.byte_len, LEN);
	assert_int_equal(pairs[by].rig->mem[BUFFER(number) + LEN - 1], value);
	pair_wc(&pairs[by], 0, IBV_WC_SUCCESS);
}

static void
whoever_comes_first_has_the_next_buffer(void **state)
{
	provide(0);
	provide(1);
	provide(2);
	send(1, 11, LEN);
	send(0, 22, LEN);
	send(1, 33, LEN);
	is_received(0, 1, 22);
	is_received(1, 0, 11);
	is_received(1, 2, 33);
}

/* Buffers come back in any order, by the one who polls. A model knows who has which. */
static void
buffers_go_round_in_any_order(void **state)
{
	uint32_t posted[8], first = 0, last = 0, held[2][8], has[2] = {0}, free_count = WQES, i;
	uint8_t values[2][8];
	int side;

	srandom(1);
	for (i = 0; i < 5000; i++) {
		side = random() % 2;
		if (random() % 2 != 0 && free_count != 0) {
			provide(i % 100);
			posted[last++ % 8] = i % 100;
			free_count--;
		} else if (first != last && has[side] < 4) {
			values[side][has[side]] = random();
			held[side][has[side]] = posted[first++ % 8];
			send(side, values[side][has[side]++], LEN);
		} else if (has[side] != 0) {
			is_received(side, held[side][0], values[side][0]);
			memmove(held[side], held[side] + 1, sizeof(held[side]) - sizeof(held[side][0]));
			memmove(values[side], values[side] + 1, sizeof(values[side]) - 1);
			has[side]--;
			free_count++;
		}
	}
	for (side = 0; side < 2; side++)
		for (i = 0; i < has[side]; i++)
			is_received(side, held[side][i], values[side][i]);
}

static void
an_error_is_of_the_qp_alone(void **state)
{
	struct ibv_wc wc;

	assert_int_equal(post_recv(0, LEN, 5), 0);
	provide(1);
	provide(2);
	send(0, 1, LEN);
	pair_wc(&pairs[0], 0, IBV_WC_REM_OP_ERR);
	wc = pair_wc(&pairs[0], 1, IBV_WC_LOC_PROT_ERR);
	assert_int_equal(wc.wr_id, 0);
	rig_expect("key.unknown", 1);
	assert_int_equal(pair_state(pairs[0].qps[1]), IBV_QPS_ERR);
	send(1, 2, LEN);
	is_received(1, 1, 2);
	send(1, 3, LEN + 1);
	pair_wc(&pairs[1], 0, IBV_WC_REM_INV_REQ_ERR);
	assert_int_equal(pair_wc(&pairs[1], 1, IBV_WC_LOC_LEN_ERR).wr_id, 2);
}

/* And its buffers may be posted again. */
static void
completions_of_a_qp_that_is_gone_are_not_seen(void **state)
{
	uint32_t i;

	for (i = 0; i < WQES; i++)
		provide(i);
	assert_int_not_equal(post_recv(9, LEN, pairs[0].mr->lkey), 0);
	for (i = 0; i < 3; i++)
		send(0, i, LEN);
	for (i = 0; i < 2; i++)
		send(1, i, LEN);
	assert_int_equal(ibv_destroy_qp(pairs[0].qps[1]), 0);
	pairs[0].qps[1] = NULL;
	rig_no_wc(pairs[0].cqs[1]);
	for (i = 0; i < 3; i++)
		provide(10 + i);
	assert_int_not_equal(post_recv(9, LEN, pairs[0].mr->lkey), 0);
	pair_restart(&pairs[1], PAIR_ACCESS);
	rig_no_wc(pairs[1].cqs[1]);
	provide(20);
	provide(21);
	assert_int_not_equal(post_recv(9, LEN, pairs[0].mr->lkey), 0);
	send(1, 7, LEN);
	is_received(1, 5, 7);
}

/* Of two that have the queue and the CQ in common. */
static void
completions_of_another_qp_stay(void **state)
{
	struct ibv_cq *own = pairs[1].cqs[1];

	assert_int_equal(ibv_destroy_qp(pairs[1].qps[1]), 0);
	pairs[1].cqs[1] = pairs[0].cqs[1];
	pairs[1].qps[1] = make_receiver(&pairs[1]);
	pairs[1].cqs[1] = own;
	assert_non_null(pairs[1].qps[1]);
	pair_restart(&pairs[1], PAIR_ACCESS);
	provide(0);
	provide(1);
	send(1, 1, LEN);
	send(0, 2, LEN);
	assert_int_equal(ibv_destroy_qp(pairs[1].qps[1]), 0);
	pairs[1].qps[1] = NULL;
	is_received(0, 1, 2);
	rig_no_wc(pairs[0].cqs[1]);
}

static void
a_limit_is_told_once(void **state)
{
	struct ibv_srq_attr attr = {.srq_limit = 2};
	struct ibv_async_event event;
	uint32_t i;

	for (i = 0; i < 4; i++)
		provide(i);
	assert_int_equal(ibv_modify_srq(srq, &attr, IBV_SRQ_LIMIT), 0);
	for (i = 0; i < 2; i++)
		send(0, i, LEN);
	assert_int_equal(ibv_query_srq(srq, &attr), 0);
	assert_int_equal(attr.srq_limit, 2);
	send(0, 2, LEN);
	assert_int_equal(ibv_get_async_event(pairs[0].rig->ctx, &event), 0);
	assert_int_equal(event.event_type, IBV_EVENT_SRQ_LIMIT_REACHED);
	assert_ptr_equal(event.element.srq, srq);
	ibv_ack_async_event(&event);
	assert_int_equal(ibv_query_srq(srq, &attr), 0);
	assert_int_equal(attr.srq_limit, 0);
}

/* The one buffer is used. */
static void
reach_limit(void)
{
	struct ibv_srq_attr attr = {.srq_limit = 1};

	provide(0);
	assert_int_equal(ibv_modify_srq(srq, &attr, IBV_SRQ_LIMIT), 0);
	send(0, 0, LEN);
}

static bool
has_event(const struct ibv_context *ctx)
{
	struct pollfd fd = {.fd = ctx->async_fd, .events = POLLIN};

	return poll(&fd, 1, 0) == 1;
}

static void
another_context_is_not_told(void **state)
{
	struct rig *rig = *state;
	struct ibv_context *other = ibv_open_device(rig->ctx->device);

	assert_non_null(other);
	reach_limit();
	assert_true(has_event(rig->ctx));
	assert_false(has_event(other));
	assert_int_equal(ibv_close_device(other), 0);
}

static void
end_srq(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		assert_int_equal(ibv_destroy_qp(pairs[i].qps[1]), 0);
		pairs[i].qps[1] = NULL;
	}
	assert_int_equal(ibv_destroy_srq(srq), 0);
	srq = NULL;
}

/* libibverbs would wait for ever. */
static void
what_was_read_is_to_be_acknowledged(void **state)
{
	struct rig *rig = *state;
	struct ibv_async_event first, second;

	reach_limit();
	assert_int_equal(ibv_get_async_event(rig->ctx, &first), 0);
	assert_int_equal(first.event_type, IBV_EVENT_SRQ_LIMIT_REACHED);
	assert_ptr_equal(first.element.srq, srq);
	reach_limit();
	assert_int_equal(ibv_get_async_event(rig->ctx, &second), 0);
	ibv_ack_async_event(&first);
	end_srq();
	rig_expect("event.unacked", 1);
}

static void
what_is_acknowledged_is_over(void **state)
{
	struct rig *rig = *state;
	struct ibv_async_event event;

	reach_limit();
	assert_int_equal(ibv_get_async_event(rig->ctx, &event), 0);
	ibv_ack_async_event(&event);
	end_srq();
}

/* And those of others stay. */
static void
what_was_not_read_goes_with_its_queue(void **state)
{
	struct rig *rig = *state;
	struct ibv_async_event event;
	struct ibv_port_attr port = {.state = IBV_PORT_ACTIVE};

	reach_limit();
	softhca_order_faults("port_down@1ms");
	while (port.state == IBV_PORT_ACTIVE) {
		softhca_step();
		assert_int_equal(ibv_query_port(rig->ctx, 1, &port), 0);
	}
	softhca_order_faults("");
	reach_limit();
	end_srq();
	assert_int_equal(ibv_get_async_event(rig->ctx, &event), 0);
	assert_int_equal(event.event_type, IBV_EVENT_PORT_ERR);
	assert_false(has_event(rig->ctx));
}

static struct ibv_srq *
make(struct rig *rig, uint32_t requests, uint32_t segments, struct ibv_srq_attr *got)
{
	struct ibv_srq_init_attr init = {.attr = {requests, segments, 0}};
	struct ibv_srq *made;

	errno = 0;
	made = ibv_create_srq(rig->pd, &init);
	*got = init.attr;
	return made;
}

/* libmlx5 has a wait queue in the same ring, as long as the other, and the kernel knows nothing of it. */
static void
the_kernel_counts_the_wait_queue_too(void **state)
{
	struct ibv_srq_attr attr;
	struct ibv_srq *own = make(*state, 5, 1, &attr);

	assert_non_null(own);
	assert_int_equal(attr.max_wr, 7);
	assert_int_equal(ibv_query_srq(own, &attr), 0);
	assert_int_equal(attr.max_wr, 15);
	attr.srq_limit = 15;
	assert_int_equal(ibv_modify_srq(own, &attr, IBV_SRQ_LIMIT), 0);
	attr.srq_limit = 16;
	assert_int_equal(ibv_modify_srq(own, &attr, IBV_SRQ_LIMIT), EINVAL);
	assert_int_equal(ibv_destroy_srq(own), 0);
}

/* There is no room for a wait queue. */
static void
the_longest_has_no_wait_queue(void **state)
{
	struct ibv_srq_attr attr;
	struct ibv_srq *own = make(*state, 32767, 1, &attr);

	assert_non_null(own);
	assert_int_equal(attr.max_wr, 32767);
	assert_int_equal(ibv_query_srq(own, &attr), 0);
	assert_int_equal(attr.max_wr, 32767);
	assert_int_equal(ibv_destroy_srq(own), 0);
}

/* Of 512 bytes, with what links it to the next. */
static void
a_wqe_is_not_longer_than_the_longest(void **state)
{
	struct ibv_srq_attr attr;
	struct ibv_srq *own = make(*state, 1, 31, &attr);

	assert_non_null(own);
	assert_int_equal(attr.max_sge, 31);
	assert_int_equal(ibv_destroy_srq(own), 0);
	assert_null(make(*state, 1, 32, &attr));
	assert_int_equal(errno, EINVAL);
}

/* As to a queue that is full: it has room for none. */
static void
nothing_is_posted_to_its_qp(void **state)
{
	struct ibv_recv_wr *bad = NULL, wr = {0};

	assert_int_equal(ibv_post_recv(pairs[0].qps[1], &wr, &bad), ENOMEM);
	assert_ptr_equal(bad, &wr);
}

/* Advice: a region goes while a request names it. */
static void
a_posted_key_is_in_use(void **state)
{
	struct rig *rig = *state;
	struct ibv_mr *mr = ibv_reg_mr(rig->pd, rig->mem, RIG_MEM, IBV_ACCESS_LOCAL_WRITE);

	provide(0);
	assert_int_equal(post_recv(1, LEN, mr->lkey), 0);
	ibv_dereg_mr(mr);
	rig_expect("key.in_use", 1);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(whoever_comes_first_has_the_next_buffer),
		CASE(buffers_go_round_in_any_order),
		CASE(an_error_is_of_the_qp_alone),
		CASE(completions_of_a_qp_that_is_gone_are_not_seen),
		CASE(completions_of_another_qp_stay),
		CASE(a_limit_is_told_once),
		CASE(another_context_is_not_told),
		CASE(what_was_read_is_to_be_acknowledged),
		CASE(what_is_acknowledged_is_over),
		CASE(what_was_not_read_goes_with_its_queue),
		CASE(the_kernel_counts_the_wait_queue_too),
		CASE(the_longest_has_no_wait_queue),
		CASE(a_wqe_is_not_longer_than_the_longest),
		CASE(nothing_is_posted_to_its_qp),
		CASE(a_posted_key_is_in_use),
	};

	rig_environment(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
