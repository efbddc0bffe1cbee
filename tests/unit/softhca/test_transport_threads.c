/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Both ends of a connection in threads of their own that write to each other's memory, beside one that
 * makes connections and changes regions, and the device's. Nothing may be lost, and a sanitizer may
 * report nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <endian.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/checks.h"
#include "pair_case.h"

#define ROUNDS 10000u
/* At a time, one way. */
#define DEPTH  8u
#define LEN    64u

static int done;

struct side {
	int index;
	uint32_t sent, completed, received;
};

/* What this side writes from, and what it writes to. */
static uint8_t *
source(const struct side *side, uint32_t number)
{
	return pair.rig->mem + side->index * 16384 + number % DEPTH * LEN;
}

static uint8_t *
target(const struct side *side, uint32_t number)
{
	return source(side, number) + 4096;
}

static void
post_recv(const struct side *side)
{
	struct ibv_recv_wr *bad, wr = {.wr_id = 0};

	if (ibv_post_recv(pair.qps[side->index], &wr, &bad) != 0)
		abort();
}

static void
write_one(struct side *side)
{
	struct ibv_sge sge = {(uintptr_t)source(side, side->sent), LEN, pair.mr->lkey};
	struct ibv_send_wr *bad, wr = {
		.sg_list = &sge,
		.num_sge = 1,
		.opcode = IBV_WR_RDMA_WRITE_WITH_IMM,
		.send_flags = IBV_SEND_SIGNALED,
		.imm_data = htobe32(side->sent),
		.wr.rdma = {(uintptr_t)target(side, side->sent), pair.mr->rkey},
	};

	memset(source(side, side->sent), side->sent, LEN);
	if (ibv_post_send(pair.qps[side->index], &wr, &bad) != 0)
		abort();
	side->sent++;
}

/* What came is the peer's next number, and its bytes. */
static void
take(struct side *side, const struct ibv_wc *wc)
{
	const struct side peer = {.index = 1 - side->index};
	uint32_t i;

	if (wc->status != IBV_WC_SUCCESS)
		abort();
	if (wc->opcode == IBV_WC_RDMA_WRITE) {
		side->completed++;
		return;
	}
	if (be32toh(wc->imm_data) != side->received)
		abort();
	for (i = 0; i < LEN; i++)
		if (target(&peer, side->received)[i] != (uint8_t)side->received)
			abort();
	side->received++;
	post_recv(side);
}

/*
 * No more than half of the places ahead of what came: then what is written over was taken, since the
 * peer did the same when it sent what came.
 */
static void *
exchange(void *arg)
{
	struct side *side = arg;
	struct ibv_wc wc;

	while (side->completed < ROUNDS || side->received < ROUNDS) {
		if (side->sent < ROUNDS && side->sent - side->completed < DEPTH &&
		    side->sent < side->received + DEPTH / 2)
			write_one(side);
		if (ibv_poll_cq(pair.cqs[side->index], 1, &wc) == 1)
			take(side, &wc);
		else
			sched_yield();
	}
	return NULL;
}

static void *
churn(void *arg)
{
	static uint8_t mem[4096];
	struct ibv_pd *pd = pair.rig->pd;
	struct ibv_qp_attr attr = pair_attributes(pair.rig, 1);
	struct ibv_mr *mr = ibv_reg_mr(pd, mem, sizeof(mem), IBV_ACCESS_LOCAL_WRITE);
	struct ibv_qp *qp;

	while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE)) {
		qp = pair_make_qp(&pair, 0);
		if (qp == NULL)
			abort();
		pair_start(qp, &attr, IBV_QPS_RTS);
		if (ibv_rereg_mr(mr, IBV_REREG_MR_CHANGE_ACCESS, NULL, NULL, 0, 0) != 0 ||
		    ibv_destroy_qp(qp) != 0)
			abort();
	}
	ibv_dereg_mr(mr);
	return NULL;
}

static void
everything_at_once(void **state)
{
	struct side sides[2] = {{.index = 0}, {.index = 1}};
	pthread_t threads[2], churner;
	uint32_t i, j;

	for (i = 0; i < 2; i++)
		for (j = 0; j < PAIR_WQES; j++)
			post_recv(&sides[i]);
	assert_int_equal(pthread_create(&churner, NULL, churn, NULL), 0);
	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, exchange, &sides[i]), 0);
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	__atomic_store_n(&done, 1, __ATOMIC_RELEASE);
	pthread_join(churner, NULL);
	assert_int_equal(softhca_violations(NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RC(everything_at_once),
	};

	rig_environment(1);
	setenv("SOFTHCA_MODE", "thread", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
