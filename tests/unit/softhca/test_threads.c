/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two crossed devices with a thread each, and threads that concurrently post, poll, register and
 * create queues. Few assertions: nothing may be lost, and a sanitizer may report nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "common/checks.h"
#include "rig.h"

#define FRAMES 20000
#define DEPTH  64

struct end {
	struct ibv_context *ctx;
	struct ibv_pd *pd;
	struct ibv_cq *send_cq, *recv_cq;
	struct ibv_qp *qp;
	struct ibv_flow *flow;
	struct ibv_mr *mr;
	uint8_t mem[DEPTH * 2 * 128];
	uint64_t received;
};

static int done;

static void
open_end(struct end *end, struct ibv_device *device)
{
	struct ibv_qp_init_attr init = {
		.qp_type = IBV_QPT_RAW_PACKET, .cap = {DEPTH, DEPTH, 1, 1, 0}};

	end->ctx = ibv_open_device(device);
	assert_non_null(end->ctx);
	end->pd = ibv_alloc_pd(end->ctx);
	end->mr = ibv_reg_mr(end->pd, end->mem, sizeof(end->mem), IBV_ACCESS_LOCAL_WRITE);
	init.send_cq = end->send_cq = ibv_create_cq(end->ctx, DEPTH, NULL, NULL, 0);
	init.recv_cq = end->recv_cq = ibv_create_cq(end->ctx, DEPTH, NULL, NULL, 0);
	end->qp = ibv_create_qp(end->pd, &init);
	assert_non_null(end->qp);
	rig_start(end->qp);
	end->flow = rig_take_all(end->qp);
}

static void
close_end(struct end *end)
{
	assert_int_equal(ibv_destroy_flow(end->flow), 0);
	assert_int_equal(ibv_destroy_qp(end->qp), 0);
	assert_int_equal(ibv_destroy_cq(end->send_cq), 0);
	assert_int_equal(ibv_destroy_cq(end->recv_cq), 0);
	assert_int_equal(ibv_dereg_mr(end->mr), 0);
	assert_int_equal(ibv_dealloc_pd(end->pd), 0);
	assert_int_equal(ibv_close_device(end->ctx), 0);
}

static void
post_recv(struct end *end, uint32_t slot)
{
	struct ibv_sge sge = {(uintptr_t)end->mem + (DEPTH + slot) * 128, 128, end->mr->lkey};
	struct ibv_recv_wr *bad, wr = {.wr_id = slot, .sg_list = &sge, .num_sge = 1};

	if (ibv_post_recv(end->qp, &wr, &bad) != 0)
		abort();
}

static void *
receive(void *arg)
{
	struct end *end = arg;
	struct ibv_wc wc;
	uint32_t i, number, expected = 0;

	for (i = 0; i < DEPTH; i++)
		post_recv(end, i);
	while (expected < FRAMES) {
		if (ibv_poll_cq(end->recv_cq, 1, &wc) != 1) {
			sched_yield();
			continue;
		}
		memcpy(&number, end->mem + (DEPTH + wc.wr_id) * 128 + 14, sizeof(number));
		if (wc.status != IBV_WC_SUCCESS || number != expected)
			abort();
		expected++;
		end->received++;
		post_recv(end, wc.wr_id);
	}
	return NULL;
}

static void *
transmit(void *arg)
{
	struct end *end = arg;
	uint32_t sent = 0, completed = 0;
	struct ibv_wc wc;

	while (completed < FRAMES) {
		uint8_t *frame = end->mem + sent % DEPTH * 128;
		struct ibv_sge sge = {(uintptr_t)frame, 64, end->mr->lkey};
		struct ibv_send_wr *bad, wr = {.sg_list = &sge, .num_sge = 1, .opcode = IBV_WR_SEND,
			.send_flags = IBV_SEND_SIGNALED};

		if (sent < FRAMES && sent - completed < DEPTH) {
			memcpy(frame + 14, &sent, sizeof(sent));
			if (ibv_post_send(end->qp, &wr, &bad) != 0)
				abort();
			sent++;
		}
		if (ibv_poll_cq(end->send_cq, 1, &wc) != 1) {
			sched_yield();
			continue;
		}
		if (wc.status != IBV_WC_SUCCESS)
			abort();
		completed++;
	}
	return NULL;
}

/* Regions and queues are created and destroyed beside the traffic. */
static void *
churn(void *arg)
{
	struct end *end = arg;
	static uint8_t mem[4096];
	struct ibv_qp_init_attr init = {
		.qp_type = IBV_QPT_RAW_PACKET, .send_cq = end->send_cq, .recv_cq = end->recv_cq,
		.cap = {8, 8, 1, 1, 0},
	};
	struct ibv_qp *qp;
	struct ibv_mr *mr;

	while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE)) {
		mr = ibv_reg_mr(end->pd, mem, sizeof(mem), IBV_ACCESS_LOCAL_WRITE);
		qp = ibv_create_qp(end->pd, &init);
		if (mr == NULL || qp == NULL)
			abort();
		rig_start(qp);
		if (ibv_dereg_mr(mr) != 0 || ibv_destroy_qp(qp) != 0)
			abort();
	}
	return NULL;
}

static void
everything_at_once(void **state)
{
	void *(*jobs[])(void *) = {receive, transmit};
	static struct end ends[2];
	struct ibv_device **list = ibv_get_device_list(NULL);
	pthread_t threads[4], churner;
	int i;

	for (i = 0; i < 2; i++)
		open_end(&ends[i], list[i]);
	ibv_free_device_list(list);
	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, jobs[i / 2], &ends[i % 2]), 0);
	assert_int_equal(pthread_create(&churner, NULL, churn, &ends[0]), 0);
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	__atomic_store_n(&done, 1, __ATOMIC_RELEASE);
	pthread_join(churner, NULL);
	for (i = 0; i < 2; i++) {
		assert_int_equal(ends[i].received, FRAMES);
		close_end(&ends[i]);
	}
	assert_int_equal(softhca_violations(NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_at_once),
	};

	rig_environment(2);
	setenv("SOFTHCA_MODE", "thread", 1);
	setenv("SOFTHCA_WIRE", "cross", 1);
	/* Nothing is dropped, so nothing may be missing. */
	setenv("SOFTHCA_PAUSE", "1", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
