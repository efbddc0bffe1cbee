/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random requests between two QPs, some of them wrong, against a model that knows what becomes of each
 * byte of memory and of each request.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "pair_case.h"

#define SEED   1
#define ROUNDS 4000
/* Who receives and who sends have their memory; the third part is for access by the peer. */
#define SENDS	 0u
#define RECEIVES 16384u
#define REMOTE	 32768u
#define SPACE	 8192u

static uint8_t model[RIG_MEM];

struct outcome {
	enum ibv_wc_status status;
	bool received;			/* with this, if there was a buffer */
	enum ibv_wc_status receive_status;
	uint32_t byte_len;
};

static struct pair_request
draw(void)
{
	static const enum ibv_wr_opcode opcodes[] = {IBV_WR_SEND, IBV_WR_SEND_WITH_IMM,
		IBV_WR_RDMA_WRITE, IBV_WR_RDMA_WRITE_WITH_IMM, IBV_WR_RDMA_READ,
		IBV_WR_ATOMIC_CMP_AND_SWP, IBV_WR_ATOMIC_FETCH_AND_ADD};
	struct pair_request request = {
		.opcode = opcodes[random() % (sizeof(opcodes) / sizeof(opcodes[0]))],
		.offset = SENDS + random() % SPACE,
		.len = random() % 5 == 0 ? random() % 3 : random() % 3000,
		.to = REMOTE + random() % SPACE / 8 * 8,
		.imm = random(),
		.compare_add = random() % 3,
		.swap = random() % 3,
	};

	if (request.opcode == IBV_WR_ATOMIC_CMP_AND_SWP ||
	    request.opcode == IBV_WR_ATOMIC_FETCH_AND_ADD)
		request.len = 8;
	/* Beyond the end of what is registered; not aligned; or by a key that is none. */
	if (random() % 16 == 0)
		request.to = RIG_MEM - 8 * (random() % 4);
	if (random() % 16 == 0)
		request.to += 4;
	if (random() % 32 == 0)
		request.remote_key = 3;
	return request;
}

static bool
is_reachable(const struct pair_request *request)
{
	return request->len == 0 ||
		(request->remote_key == 0 && request->to + request->len <= RIG_MEM);
}

static struct outcome
model_atomic(const struct pair_request *request)
{
	uint64_t value, changed;

	if (request->to % 8 != 0)
		return (struct outcome){.status = IBV_WC_REM_INV_REQ_ERR};
	if (!is_reachable(request))
		return (struct outcome){.status = IBV_WC_REM_ACCESS_ERR};
	memcpy(&value, model + request->to, sizeof(value));
	changed = request->opcode == IBV_WR_ATOMIC_FETCH_AND_ADD ? value + request->compare_add :
		value == request->compare_add ? request->swap : value;
	memcpy(model + request->to, &changed, sizeof(changed));
	memcpy(model + request->offset, &value, sizeof(value));
	return (struct outcome){.status = IBV_WC_SUCCESS};
}

static struct outcome
model_rdma(const struct pair_request *request)
{
	bool reads = request->opcode == IBV_WR_RDMA_READ;

	if (!is_reachable(request))
		return (struct outcome){.status = IBV_WC_REM_ACCESS_ERR};
	memmove(model + (reads ? request->offset : request->to),
		model + (reads ? request->to : request->offset), request->len);
	return (struct outcome){
		.status = IBV_WC_SUCCESS,
		.received = request->opcode == IBV_WR_RDMA_WRITE_WITH_IMM,
		.byte_len = request->len,
	};
}

/* room: of the buffer at RECEIVES. */
static struct outcome
model_send(const struct pair_request *request, uint32_t room)
{
	if (request->len > room) {
		/* What fits may be there. */
		memcpy(model + RECEIVES, pair.rig->mem + RECEIVES, room);
		return (struct outcome){IBV_WC_REM_INV_REQ_ERR, true, IBV_WC_LOC_LEN_ERR, 0};
	}
	memcpy(model + RECEIVES, model + request->offset, request->len);
	return (struct outcome){IBV_WC_SUCCESS, true, IBV_WC_SUCCESS, request->len};
}

static struct outcome
predict(const struct pair_request *request, uint32_t room)
{
	switch (request->opcode) {
	case IBV_WR_SEND:
	case IBV_WR_SEND_WITH_IMM:
		return model_send(request, room);
	case IBV_WR_ATOMIC_CMP_AND_SWP:
	case IBV_WR_ATOMIC_FETCH_AND_ADD:
		return model_atomic(request);
	default:
		return model_rdma(request);
	}
}

static void
compare(const struct pair_request *request, const struct outcome *outcome)
{
	struct ibv_wc wc = pair_wc(&pair, 0, outcome->status);

	assert_int_equal(wc.wr_id, request->offset);
	if (outcome->received) {
		wc = pair_wc(&pair, 1, outcome->receive_status);
		if (wc.status == IBV_WC_SUCCESS)
			assert_int_equal(wc.byte_len, outcome->byte_len);
		if (wc.status == IBV_WC_SUCCESS && (wc.wc_flags & IBV_WC_WITH_IMM) != 0)
			assert_int_equal(be32toh(wc.imm_data), request->imm);
	} else if (outcome->status != IBV_WC_SUCCESS) {
		pair_wc(&pair, 1, IBV_WC_WR_FLUSH_ERR);
	}
	assert_memory_equal(pair.rig->mem, model, RIG_MEM);
}

static void
requests_at_random(void **state)
{
	uint32_t i, room, errors = 0;
	struct pair_request request;
	struct outcome outcome;
	bool waiting = false;

	srandom(SEED);
	for (i = 0; i < RIG_MEM; i++)
		pair.rig->mem[i] = model[i] = random();
	for (i = 0; i < ROUNDS; i++) {
		room = waiting ? room : 500 + (uint32_t)random() % 3000;
		if (!waiting)
			pair_recv(&pair, RECEIVES, room);
		request = draw();
		assert_int_equal(pair_post(&pair, request), 0);
		outcome = predict(&request, room);
		softhca_step();
		compare(&request, &outcome);
		waiting = outcome.status == IBV_WC_SUCCESS && !outcome.received;
		if (outcome.status == IBV_WC_SUCCESS)
			continue;
		pair_restart(&pair, PAIR_ACCESS);
		errors++;
	}
	assert_uint_in_range(errors, ROUNDS / 20, ROUNDS / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RC(requests_at_random),
	};

	rig_environment(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
