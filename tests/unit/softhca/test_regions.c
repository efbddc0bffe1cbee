/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Regions and their lkeys: which registrations succeed, and the result of every invalid use of an
 * lkey.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "rig.h"
#include "udmabuf.h"

/*
 * A send with this lkey and address fails by that rule, and later WQEs are flushed until the reset.
 */
static void
expect_refusal(struct rig *rig, const char *name, uint32_t offset, uint32_t len, uint32_t key)
{
	struct ibv_qp_attr attr = {.qp_state = IBV_QPS_RESET};

	assert_int_equal(rig_send(rig, offset, len, key), 0);
	assert_int_equal(rig_send(rig, RIG_SENT, RIG_FRAME, rig->mr->lkey), 0);
	softhca_step();
	rig_expect(name, 1);
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_LOC_PROT_ERR);
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_WR_FLUSH_ERR);
	rig_no_wc(rig->send_cq);
	assert_int_equal(ibv_modify_qp(rig->qp, &attr, IBV_QP_STATE), 0);
	rig_start(rig->qp);
	rig_round_trip(rig);
}

static void
a_dead_key_is_rejected(void **state)
{
	struct rig *rig = *state;
	struct ibv_mr *mr = ibv_reg_mr(rig->pd, rig->mem, 4096, 0);
	uint32_t key = mr->lkey;

	assert_int_equal(ibv_dereg_mr(mr), 0);
	expect_refusal(rig, "key.dead", RIG_SENT, RIG_FRAME, key);
	mr = ibv_reg_mr(rig->pd, rig->mem, 4096, 0);
	assert_int_not_equal(mr->lkey, key);
	expect_refusal(rig, "key.dead", RIG_SENT, RIG_FRAME, key);
	assert_int_equal(ibv_dereg_mr(mr), 0);
}

static void
an_unknown_key_is_rejected(void **state)
{
	struct rig *rig = *state;

	expect_refusal(rig, "key.unknown", RIG_SENT, RIG_FRAME, 0);
	expect_refusal(rig, "key.unknown", RIG_SENT, RIG_FRAME, UINT32_MAX);
	expect_refusal(rig, "key.unknown", RIG_SENT, RIG_FRAME, rig->mr->lkey + 1);
}

static void
a_key_of_another_domain_is_rejected(void **state)
{
	struct rig *rig = *state;
	struct ibv_pd *pd = ibv_alloc_pd(rig->ctx);
	struct ibv_mr *mr = ibv_reg_mr(pd, rig->mem, RIG_MEM, 0);

	expect_refusal(rig, "key.pd", RIG_SENT, RIG_FRAME, mr->lkey);
	assert_int_equal(ibv_dealloc_pd(pd), EBUSY);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	assert_int_equal(ibv_dealloc_pd(pd), 0);
}

static void
a_range_beyond_the_region_is_rejected(void **state)
{
	struct rig *rig = *state;
	struct ibv_mr *mr = ibv_reg_mr(rig->pd, rig->mem + 4096, 4096, 0);

	expect_refusal(rig, "key.range", 4095, RIG_FRAME, mr->lkey);
	expect_refusal(rig, "key.range", 8192 - RIG_FRAME + 1, RIG_FRAME, mr->lkey);
	assert_int_equal(ibv_dereg_mr(mr), 0);
}

static void
freed_memory_is_rejected(void **state)
{
	struct rig *rig = *state;
	const uint32_t offset = RIG_MEM - 8192;
	struct ibv_mr *mr = ibv_reg_mr(rig->pd, rig->mem + offset, 8192, IBV_ACCESS_LOCAL_WRITE);

	munmap(rig->mem + offset, 8192);
	expect_refusal(rig, "memory.gone", offset, RIG_FRAME, mr->lkey);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	assert_ptr_equal(mmap(rig->mem + offset, 8192, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), rig->mem + offset);
}

static void
nothing_is_received_into_freed_memory(void **state)
{
	struct rig *rig = *state;
	const uint32_t offset = RIG_MEM - 8192;
	struct ibv_mr *mr = ibv_reg_mr(rig->pd, rig->mem + offset, 8192, IBV_ACCESS_LOCAL_WRITE);

	munmap(rig->mem + offset, 8192);
	rig_fill(rig->mem, 3);
	assert_int_equal(rig_recv(rig, offset, 2048, mr->lkey), 0);
	assert_int_equal(rig_send(rig, RIG_SENT, RIG_FRAME, rig->mr->lkey), 0);
	softhca_step();
	rig_expect("memory.gone", 1);
	assert_int_equal(rig_wc(rig->recv_cq).status, IBV_WC_LOC_PROT_ERR);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	assert_ptr_equal(mmap(rig->mem + offset, 8192, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), rig->mem + offset);
}

static void
a_receive_may_not_write_everywhere(void **state)
{
	struct rig *rig = *state;
	struct ibv_mr *mr = ibv_reg_mr(rig->pd, rig->mem, RIG_MEM, 0);
	struct ibv_qp_attr attr = {.qp_state = IBV_QPS_RESET};

	rig_fill(rig->mem + RIG_SENT, 9);
	memset(rig->mem + RIG_RECEIVED, 0, RIG_FRAME);
	assert_int_equal(rig_recv(rig, RIG_RECEIVED, 2048, mr->lkey), 0);
	assert_int_equal(rig_recv(rig, RIG_RECEIVED, 2048, rig->mr->lkey), 0);
	assert_int_equal(rig_send(rig, RIG_SENT, RIG_FRAME, rig->mr->lkey), 0);
	softhca_step();
	rig_expect("key.access", 1);
	assert_int_equal(rig_wc(rig->recv_cq).status, IBV_WC_LOC_PROT_ERR);
	assert_int_equal(rig_wc(rig->recv_cq).status, IBV_WC_WR_FLUSH_ERR);
	assert_int_equal(rig->mem[RIG_RECEIVED + 20], 0);
	assert_int_equal(ibv_modify_qp(rig->qp, &attr, IBV_QP_STATE), 0);
	rig_start(rig->qp);
	/* The reset dropped the send's completion too. */
	rig_round_trip(rig);
	assert_int_equal(ibv_dereg_mr(mr), 0);
}

static void
a_key_in_use_cannot_be_removed(void **state)
{
	struct rig *rig = *state;
	struct ibv_mr *mr = ibv_reg_mr(rig->pd, rig->mem, RIG_MEM, IBV_ACCESS_LOCAL_WRITE);

	assert_int_equal(rig_recv(rig, RIG_RECEIVED, 2048, mr->lkey), 0);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	rig_expect("key.in_use", 1);
	mr = ibv_reg_mr(rig->pd, rig->mem, RIG_MEM, IBV_ACCESS_LOCAL_WRITE);
	rig_fill(rig->mem, 1);
	assert_int_equal(rig_send(rig, RIG_SENT, RIG_FRAME, mr->lkey), 0);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	rig_expect("key.in_use", 1);
	softhca_step();
	rig_expect("key.dead", 1);
}

static void
registration_fails_as_in_the_kernel(void **state)
{
	struct rig *rig = *state;
	uint8_t *mem =
		mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct ibv_mr *mr;

	assert_null(ibv_reg_mr(rig->pd, mem, 0, IBV_ACCESS_LOCAL_WRITE));
	assert_int_equal(errno, EINVAL);
	assert_null(ibv_reg_mr(rig->pd, mem, SIZE_MAX, IBV_ACCESS_LOCAL_WRITE));
	assert_int_equal(errno, EINVAL);
	assert_null(ibv_reg_mr(rig->pd, mem, 4096, IBV_ACCESS_REMOTE_WRITE));
	assert_int_equal(errno, EINVAL);
	mr = ibv_reg_mr(rig->pd, mem + 3, 4099,
		IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_RELAXED_ORDERING);
	assert_non_null(mr);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	/* What is optional may be unknown. */
	mr = ibv_reg_mr(rig->pd, mem, 4096, IBV_ACCESS_OPTIONAL_RANGE);
	assert_non_null(mr);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	mprotect(mem + 4096, 4096, PROT_READ);
	assert_null(ibv_reg_mr(rig->pd, mem, 3 * 4096, IBV_ACCESS_LOCAL_WRITE));
	assert_int_equal(errno, EFAULT);
	mr = ibv_reg_mr(rig->pd, mem, 3 * 4096, 0);
	assert_non_null(mr);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	munmap(mem + 4096, 4096);
	assert_null(ibv_reg_mr(rig->pd, mem, 3 * 4096, 0));
	assert_int_equal(errno, EFAULT);
	munmap(mem, 4096);
	munmap(mem + 2 * 4096, 4096);
}

/* Sends and receives by names that are not those of the process: region of len bytes at mem. */
static void
goes_by_names(struct rig *rig, const struct ibv_mr *mr, uint64_t iova, uint8_t *mem)
{
	struct ibv_sge from = {iova + 16, RIG_FRAME, mr->lkey};
	struct ibv_sge to = {iova + 2048, 2048, mr->lkey};
	struct ibv_send_wr *bad_send, send = {.sg_list = &from, .num_sge = 1,
		.opcode = IBV_WR_SEND, .send_flags = IBV_SEND_SIGNALED};
	struct ibv_recv_wr *bad_recv, receive = {.sg_list = &to, .num_sge = 1};

	rig_fill(mem + 16, 1);
	assert_int_equal(ibv_post_recv(rig->qp, &receive, &bad_recv), 0);
	assert_int_equal(ibv_post_send(rig->qp, &send, &bad_send), 0);
	softhca_step();
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_SUCCESS);
	assert_int_equal(rig_wc(rig->recv_cq).status, IBV_WC_SUCCESS);
	assert_memory_equal(mem + 2048, mem + 16, RIG_FRAME);
}

static void
a_region_may_have_addresses_of_its_own(void **state)
{
	const uint64_t iova = (uint64_t)1 << 40;
	struct rig *rig = *state;
	struct ibv_mr *mr;
	struct ibv_sge sge;
	struct ibv_send_wr *bad, wr = {.sg_list = &sge, .num_sge = 1, .opcode = IBV_WR_SEND};

	mr = ibv_reg_mr_iova2(rig->pd, rig->mem + 4096, 4096, iova, IBV_ACCESS_LOCAL_WRITE);
	assert_non_null(mr);
	assert_ptr_equal(mr->addr, rig->mem + 4096);
	goes_by_names(rig, mr, iova, rig->mem + 4096);
	/* And those alone. */
	sge = (struct ibv_sge){(uintptr_t)rig->mem + 4096, RIG_FRAME, mr->lkey};
	assert_int_equal(ibv_post_send(rig->qp, &wr, &bad), 0);
	softhca_step();
	rig_expect("key.range", 1);
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_LOC_PROT_ERR);
	assert_int_equal(ibv_dereg_mr(mr), 0);
}

static void
a_dma_buf_is_reached_by_its_region(void **state)
{
	int fd = udmabuf_create(3 * 4096), access = IBV_ACCESS_LOCAL_WRITE;
	struct rig *rig = *state;
	struct ibv_mr *mr;
	uint8_t *mem;

	mem = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(mem != MAP_FAILED);
	mr = ibv_reg_dmabuf_mr(rig->pd, 4096 + 64, 2 * 4096 - 64, 8192 + 64, fd, access);
	close(fd);
	assert_non_null(mr);
	/* As libibverbs has it: the offset in the dma-buf. */
	assert_int_equal((uintptr_t)mr->addr, 4096 + 64);
	assert_int_equal(mr->length, 2 * 4096 - 64);
	goes_by_names(rig, mr, 8192 + 64, mem + 4096 + 64);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	munmap(mem, 3 * 4096);
}

/* A queue of a parent domain reaches regions of its protection domain, and the other way round. */
static void
a_parent_domain_is_its_protection_domain(void **state)
{
	struct rig *rig = *state;
	struct ibv_td_init_attr td_attr = {0};
	struct ibv_td *td = ibv_alloc_td(rig->ctx, &td_attr);
	struct ibv_parent_domain_init_attr attr = {.pd = rig->pd, .td = td};
	struct ibv_pd *domain = ibv_alloc_parent_domain(rig->ctx, &attr);
	struct ibv_qp_init_attr init = {
		.qp_type = IBV_QPT_RAW_PACKET, .send_cq = rig->send_cq, .recv_cq = rig->send_cq,
		.cap = {1, 0, 1, 0, 0},
	};
	struct ibv_qp *qp = ibv_create_qp(domain, &init);
	struct ibv_mr *mr = ibv_reg_mr(domain, rig->mem, 4096, IBV_ACCESS_LOCAL_WRITE);
	struct ibv_sge sge = {(uintptr_t)rig->mem, RIG_FRAME, rig->mr->lkey};
	struct ibv_send_wr *bad, wr = {.sg_list = &sge, .num_sge = 1, .opcode = IBV_WR_SEND,
		.send_flags = IBV_SEND_SIGNALED};

	assert_non_null(qp);
	assert_non_null(mr);
	rig_start(qp);
	rig_fill(rig->mem, 1);
	assert_int_equal(ibv_post_send(qp, &wr, &bad), 0);
	assert_int_equal(rig_send(rig, 0, RIG_FRAME, mr->lkey), 0);
	softhca_step();
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_SUCCESS);
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_SUCCESS);
	assert_int_equal(ibv_destroy_qp(qp), 0);
	/* The region is of the protection domain alone. */
	assert_int_equal(ibv_dealloc_pd(domain), 0);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	assert_int_equal(ibv_dealloc_td(td), 0);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_dead_key_is_rejected),
		CASE(an_unknown_key_is_rejected),
		CASE(a_key_of_another_domain_is_rejected),
		CASE(a_range_beyond_the_region_is_rejected),
		CASE(freed_memory_is_rejected),
		CASE(nothing_is_received_into_freed_memory),
		CASE(a_receive_may_not_write_everywhere),
		CASE(a_key_in_use_cannot_be_removed),
		CASE(registration_fails_as_in_the_kernel),
		CASE(a_region_may_have_addresses_of_its_own),
		CASE(a_dma_buf_is_reached_by_its_region),
		CASE(a_parent_domain_is_its_protection_domain),
	};

	rig_environment(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
