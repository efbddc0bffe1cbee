/* SPDX-License-Identifier: BSD-3-Clause */
/* QPs with a transport: what goes wrong, and who is told so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <cmocka.h>

#include "common/checks.h"
#include "device/faults.h"
#include "engine/engine.h"
#include "pair_case.h"

#define TO  8192u
#define LEN 300u

static void
post(struct pair_request request)
{
	assert_int_equal(pair_post(&pair, request), 0);
}

static void
post_send(uint32_t len)
{
	post((struct pair_request){.opcode = IBV_WR_SEND, .len = len});
}

/* Both ends are in error, whatever they are asked to do. */
static void
connection_is_broken(void)
{
	assert_int_equal(pair_state(pair.qps[0]), IBV_QPS_ERR);
	post_send(LEN);
	pair_wc(&pair, 0, IBV_WC_WR_FLUSH_ERR);
}

static void
a_message_too_long_is_an_error_of_both(void **state)
{
	pair_recv(&pair, TO, LEN - 1);
	pair_recv(&pair, TO, LEN);
	post_send(LEN);
	pair_wc(&pair, 0, IBV_WC_REM_INV_REQ_ERR);
	pair_wc(&pair, 1, IBV_WC_LOC_LEN_ERR);
	pair_wc(&pair, 1, IBV_WC_WR_FLUSH_ERR);
	assert_int_equal(pair_state(pair.qps[1]), IBV_QPS_ERR);
	connection_is_broken();
}

static void
a_remote_key_that_is_none(void **state)
{
	post((struct pair_request){.opcode = IBV_WR_RDMA_WRITE, .len = LEN, .to = TO,
		.remote_key = pair.mr->rkey + 1});
	pair_wc(&pair, 0, IBV_WC_REM_ACCESS_ERR);
	connection_is_broken();
}

static void
remote_memory_ends(void **state)
{
	post((struct pair_request){.opcode = IBV_WR_RDMA_READ, .len = LEN, .to = RIG_MEM - LEN});
	pair_wc(&pair, 0, IBV_WC_SUCCESS);
	post((struct pair_request){.opcode = IBV_WR_RDMA_READ, .len = LEN, .to = RIG_MEM - LEN + 1});
	pair_wc(&pair, 0, IBV_WC_REM_ACCESS_ERR);
}

static void
remote_memory_of_another_domain(void **state)
{
	struct rig *rig = *state;
	struct ibv_pd *pd = ibv_alloc_pd(rig->ctx);
	struct ibv_mr *mr = ibv_reg_mr(pd, rig->mem, RIG_MEM, IBV_ACCESS_REMOTE_READ);

	post((struct pair_request){.opcode = IBV_WR_RDMA_READ, .len = LEN, .to = TO,
		.remote_key = mr->rkey});
	pair_wc(&pair, 0, IBV_WC_REM_ACCESS_ERR);
	ibv_dereg_mr(mr);
	ibv_dealloc_pd(pd);
}

/* Each operation needs an access of its own, of the region and of the QP. */
static const struct {
	enum ibv_wr_opcode opcode;
	unsigned int access;
} operations[] = {
	{IBV_WR_RDMA_WRITE, IBV_ACCESS_REMOTE_WRITE},
	{IBV_WR_RDMA_READ, IBV_ACCESS_REMOTE_READ},
	{IBV_WR_ATOMIC_FETCH_AND_ADD, IBV_ACCESS_REMOTE_ATOMIC},
	{IBV_WR_ATOMIC_CMP_AND_SWP, IBV_ACCESS_REMOTE_ATOMIC},
};

static enum ibv_wc_status
operate(enum ibv_wr_opcode opcode, uint32_t key)
{
	struct ibv_wc wc;

	post((struct pair_request){.opcode = opcode, .len = 8, .to = TO, .remote_key = key});
	softhca_step();
	wc = rig_wc(pair.cqs[0]);
	return wc.status;
}

static void
access_is_of_the_region_and_of_the_qp(void **state)
{
	struct rig *rig = *state;
	struct ibv_mr *mr;
	unsigned int access;
	size_t i;
	bool may;

	for (access = 0; access < 16; access++) {
		mr = ibv_reg_mr(rig->pd, rig->mem, RIG_MEM, IBV_ACCESS_LOCAL_WRITE | access);
		for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
			may = (access & operations[i].access) != 0;
			pair_restart(&pair, PAIR_ACCESS);
			assert_int_equal(operate(operations[i].opcode, mr->rkey),
				may ? IBV_WC_SUCCESS : IBV_WC_REM_ACCESS_ERR);
			pair_restart(&pair, access);
			assert_int_equal(operate(operations[i].opcode, 0),
				may ? IBV_WC_SUCCESS : IBV_WC_REM_ACCESS_ERR);
		}
		ibv_dereg_mr(mr);
	}
}

/* Linux takes these accesses away, whatever else is asked for. */
static void
a_qp_that_answers_no_reads_refuses_them(void **state)
{
	struct ibv_qp_attr attr = pair_attributes(pair.rig, pair.qps[0]->qp_num), got;
	struct ibv_qp_init_attr init;
	size_t i;

	attr.max_dest_rd_atomic = 0;
	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		pair_restart(&pair, PAIR_ACCESS);
		pair_reconnect(pair.qps[1], &attr);
		assert_int_equal(operate(operations[i].opcode, 0),
			operations[i].access == IBV_ACCESS_REMOTE_WRITE ? IBV_WC_SUCCESS :
									  IBV_WC_REM_ACCESS_ERR);
	}
	assert_int_equal(ibv_query_qp(pair.qps[1], &got, IBV_QP_ACCESS_FLAGS, &init), 0);
	assert_int_equal(got.qp_access_flags, IBV_ACCESS_REMOTE_WRITE);
}

static void
an_atomic_address_is_aligned(void **state)
{
	post((struct pair_request){.opcode = IBV_WR_ATOMIC_FETCH_AND_ADD, .len = 8, .to = TO + 4});
	pair_wc(&pair, 0, IBV_WC_REM_INV_REQ_ERR);
}

static void
a_local_key_that_is_none(void **state)
{
	post((struct pair_request){.opcode = IBV_WR_SEND, .len = LEN, .key = 5});
	pair_wc(&pair, 0, IBV_WC_LOC_PROT_ERR);
	rig_expect("key.unknown", 1);
	connection_is_broken();
}

/* What comes back is written. */
static void
a_read_needs_memory_to_write_to(void **state)
{
	struct rig *rig = *state;
	struct ibv_mr *mr = ibv_reg_mr(rig->pd, rig->mem, RIG_MEM, 0);

	post((struct pair_request){.opcode = IBV_WR_RDMA_READ, .len = LEN, .to = TO,
		.key = mr->lkey});
	pair_wc(&pair, 0, IBV_WC_LOC_PROT_ERR);
	rig_expect("key.access", 1);
	ibv_dereg_mr(mr);
}

/* Of a reliable connection; the datagrams of others go on. */
static void
a_requesters_error_ends_its_receiving_too(void **state)
{
	struct ibv_sge sge = {(uintptr_t)pair.rig->mem + TO, LEN, pair.mr->lkey};
	struct ibv_recv_wr *bad, wr = {.sg_list = &sge, .num_sge = 1};

	assert_int_equal(ibv_post_recv(pair.qps[0], &wr, &bad), 0);
	post((struct pair_request){.opcode = IBV_WR_SEND, .len = LEN, .key = 5});
	pair_wc(&pair, 0, IBV_WC_LOC_PROT_ERR);
	pair_wc(&pair, 0, IBV_WC_WR_FLUSH_ERR);
	rig_expect("key.unknown", 1);
}

static void
a_receivers_wrong_key_is_its_error(void **state)
{
	uint32_t lkey = pair.mr->lkey;

	pair.mr->lkey = 5;
	pair_recv(&pair, TO, LEN);
	pair.mr->lkey = lkey;
	post_send(LEN);
	pair_wc(&pair, 0, IBV_WC_REM_OP_ERR);
	pair_wc(&pair, 1, IBV_WC_LOC_PROT_ERR);
	rig_expect("key.unknown", 1);
}

static void
a_receivers_memory_is_writable(void **state)
{
	struct rig *rig = *state;
	struct ibv_mr *mr = ibv_reg_mr(rig->pd, rig->mem, RIG_MEM, 0);
	uint32_t lkey = pair.mr->lkey;

	pair.mr->lkey = mr->lkey;
	pair_recv(&pair, TO, LEN);
	pair.mr->lkey = lkey;
	post_send(LEN);
	pair_wc(&pair, 0, IBV_WC_REM_OP_ERR);
	pair_wc(&pair, 1, IBV_WC_LOC_PROT_ERR);
	rig_expect("key.access", 1);
	ibv_dereg_mr(mr);
}

/* Three pages of which the one in the middle goes, with a region of each kind. */
static void
memory_is_gone(void **state)
{
	struct rig *rig = *state;
	uint8_t *pages = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct ibv_mr *mr = ibv_reg_mr(rig->pd, pages, 3 * 4096,
		IBV_ACCESS_LOCAL_WRITE | PAIR_ACCESS);
	const uint64_t there = pages - rig->mem;

	munmap(pages + 4096, 4096);
	post((struct pair_request){.opcode = IBV_WR_RDMA_WRITE, .len = 3 * 4096, .to = there,
		.remote_key = mr->rkey});
	pair_wc(&pair, 0, IBV_WC_REM_OP_ERR);
	pair_restart(&pair, PAIR_ACCESS);
	post((struct pair_request){.opcode = IBV_WR_RDMA_WRITE, .len = 3 * 4096,
		.offset = there, .key = mr->lkey, .to = TO});
	pair_wc(&pair, 0, IBV_WC_LOC_PROT_ERR);
	rig_expect("memory.gone", 1);
	ibv_dereg_mr(mr);
	munmap(pages, 3 * 4096);
}

/* Until the completion is there; the device waits by the clock. */
static struct ibv_wc
await_wc(int side)
{
	struct ibv_wc wc;

	do
		softhca_step();
	while (ibv_poll_cq(pair.cqs[side], 1, &wc) == 0);
	return wc;
}

static void
a_message_waits_for_a_buffer(void **state)
{
	struct rig *rig = *state;

	post_send(LEN);
	softhca_step();
	rig_no_wc(pair.cqs[0]);
	pair_recv(&pair, TO, LEN);
	assert_int_equal(await_wc(0).status, IBV_WC_SUCCESS);
	assert_int_equal(pair_wc(&pair, 1, IBV_WC_SUCCESS).byte_len, LEN);
	assert_memory_equal(rig->mem + TO, rig->mem, LEN);
}

/*
 * The first QP, whenever the second one has no buffer: after 1.28 ms each, which is the receiver's
 * to say, and so long that one step does not see its end.
 */
static void
try_twice_again(void)
{
	struct ibv_qp_attr attr = pair_attributes(pair.rig, pair.qps[1]->qp_num);

	attr.rnr_retry = 2;
	pair_reconnect(pair.qps[0], &attr);
	attr.min_rnr_timer = 14;
	assert_int_equal(ibv_modify_qp(pair.qps[1], &attr, IBV_QP_MIN_RNR_TIMER), 0);
}

static void
patience_ends(void **state)
{
	struct timespec start, end;

	try_twice_again();
	post_send(LEN);
	clock_gettime(CLOCK_MONOTONIC, &start);
	assert_int_equal(await_wc(0).status, IBV_WC_RNR_RETRY_EXC_ERR);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true((end.tv_sec - start.tv_sec) * 1000000000l + end.tv_nsec - start.tv_nsec >
		2 * 1280000);
	connection_is_broken();
	assert_int_equal(pair_state(pair.qps[1]), IBV_QPS_RTS);
}

/* What was answered is forgotten. */
static void
patience_is_of_each_request(void **state)
{
	int i;

	try_twice_again();
	for (i = 0; i < 5; i++) {
		post_send(LEN);
		softhca_step();
		rig_no_wc(pair.cqs[0]);
		pair_recv(&pair, TO, LEN);
		assert_int_equal(await_wc(0).status, IBV_WC_SUCCESS);
		pair_wc(&pair, 1, IBV_WC_SUCCESS);
	}
}

static void
nobody_answers(void **state)
{
	struct ibv_qp_attr attr = {.qp_state = IBV_QPS_ERR};

	assert_int_equal(ibv_modify_qp(pair.qps[1], &attr, IBV_QP_STATE), 0);
	pair_recv(&pair, TO, LEN);
	post_send(LEN);
	assert_int_equal(await_wc(0).status, IBV_WC_RETRY_EXC_ERR);
	pair_wc(&pair, 1, IBV_WC_WR_FLUSH_ERR);
}

static void
a_stranger_is_not_answered(void **state)
{
	struct ibv_qp_attr attr = pair_attributes(pair.rig, pair.qps[1]->qp_num);

	pair_reconnect(pair.qps[1], &attr);
	post_send(LEN);
	assert_int_equal(await_wc(0).status, IBV_WC_RETRY_EXC_ERR);
}

static void
another_port_is_out_of_reach(void **state)
{
	struct ibv_qp_attr attr = pair_attributes(pair.rig, pair.qps[1]->qp_num);

	attr.ah_attr.grh.dgid.raw[15] ^= 1;
	pair_reconnect(pair.qps[0], &attr);
	post_send(LEN);
	assert_int_equal(await_wc(0).status, IBV_WC_RETRY_EXC_ERR);
}

static void
errors_on_order(void **state)
{
	softhca_order_faults("tx_error@2,rx_error@2");
	pair_recv(&pair, TO, LEN);
	pair_recv(&pair, TO, LEN);
	post_send(LEN);
	pair_wc(&pair, 0, IBV_WC_SUCCESS);
	pair_wc(&pair, 1, IBV_WC_SUCCESS);
	post_send(LEN);
	pair_wc(&pair, 0, IBV_WC_LOC_PROT_ERR);
	pair_restart(&pair, PAIR_ACCESS);
	pair_recv(&pair, TO, LEN);
	post_send(LEN);
	pair_wc(&pair, 0, IBV_WC_REM_OP_ERR);
	pair_wc(&pair, 1, IBV_WC_LOC_PROT_ERR);
	softhca_order_faults("");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RC(a_message_too_long_is_an_error_of_both),
		RC(a_remote_key_that_is_none),
		RC(remote_memory_ends),
		RC(remote_memory_of_another_domain),
		RC(access_is_of_the_region_and_of_the_qp),
		RC(a_qp_that_answers_no_reads_refuses_them),
		RC(an_atomic_address_is_aligned),
		RC(a_local_key_that_is_none),
		RC(a_read_needs_memory_to_write_to),
		RC(a_requesters_error_ends_its_receiving_too),
		RC(a_receivers_wrong_key_is_its_error),
		RC(a_receivers_memory_is_writable),
		RC(memory_is_gone),
		RC(a_message_waits_for_a_buffer),
		RC(patience_ends),
		RC(patience_is_of_each_request),
		RC(nobody_answers),
		RC(a_stranger_is_not_answered),
		RC(another_port_is_out_of_reach),
		RC(errors_on_order),
	};

	rig_environment(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
