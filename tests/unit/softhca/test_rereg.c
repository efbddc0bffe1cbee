/* SPDX-License-Identifier: BSD-3-Clause */
/* A region that becomes one of other memory, access or domain, with the keys that it had. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "common/checks.h"
#include "engine/engine.h"
#include "pair_case.h"

#define PAGE 4096u

/* Bytes of locked memory. */
static unsigned long
locked(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	unsigned long kilobytes = 0;
	char line[256];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "VmLck: %lu", &kilobytes) == 1)
			break;
	fclose(file);
	return kilobytes * 1024;
}

static uint8_t *
map(size_t len)
{
	uint8_t *mem = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(mem != MAP_FAILED);
	return mem;
}

static enum ibv_wc_status
write_remotely(uint32_t key, const uint8_t *to, uint32_t len)
{
	struct ibv_wc wc;

	assert_int_equal(pair_post(&pair, (struct pair_request){.opcode = IBV_WR_RDMA_WRITE,
		.len = len, .to = to - pair.rig->mem, .remote_key = key}), 0);
	softhca_step();
	wc = rig_wc(pair.cqs[0]);
	return wc.status;
}

static void
other_memory(void **state)
{
	struct rig *rig = *state;
	uint8_t *old = map(PAGE), *new = map(3 * PAGE);
	struct ibv_mr *mr = ibv_reg_mr(rig->pd, old, PAGE, IBV_ACCESS_LOCAL_WRITE | PAIR_ACCESS);
	unsigned long before = locked();
	uint32_t key = mr->rkey;

	rig->mem[0] = 9;
	assert_int_equal(ibv_rereg_mr(mr, IBV_REREG_MR_CHANGE_TRANSLATION, NULL, new, 3 * PAGE, 0), 0);
	assert_ptr_equal(mr->addr, new);
	assert_int_equal(mr->length, 3 * PAGE);
	assert_int_equal(mr->rkey, key);
	assert_int_equal(locked(), before + 2 * PAGE);
	assert_int_equal(write_remotely(key, new + 3 * PAGE - 1, 1), IBV_WC_SUCCESS);
	assert_int_equal(new[3 * PAGE - 1], 9);
	assert_int_equal(write_remotely(key, old, 1), IBV_WC_REM_ACCESS_ERR);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	assert_int_equal(locked(), before - PAGE);
	munmap(old, PAGE);
	munmap(new, 3 * PAGE);
}

static void
other_access(void **state)
{
	struct rig *rig = *state;
	uint8_t *mem = map(PAGE);
	struct ibv_mr *mr = ibv_reg_mr(rig->pd, mem, PAGE, IBV_ACCESS_LOCAL_WRITE);

	assert_int_equal(ibv_rereg_mr(mr, IBV_REREG_MR_CHANGE_ACCESS, NULL, NULL, 0,
		IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_WRITE), 0);
	assert_int_equal(write_remotely(mr->rkey, mem, 1), IBV_WC_SUCCESS);
	/* Remote writes want local ones, as at a registration; then all is as before. */
	assert_int_equal(ibv_rereg_mr(mr, IBV_REREG_MR_CHANGE_ACCESS, NULL, NULL, 0,
		IBV_ACCESS_REMOTE_WRITE), IBV_REREG_MR_ERR_CMD);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(write_remotely(mr->rkey, mem, 1), IBV_WC_SUCCESS);
	assert_int_equal(ibv_rereg_mr(mr, IBV_REREG_MR_CHANGE_ACCESS, NULL, NULL, 0, 0), 0);
	assert_int_equal(write_remotely(mr->rkey, mem, 1), IBV_WC_REM_ACCESS_ERR);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	munmap(mem, PAGE);
}

static void
another_domain(void **state)
{
	struct rig *rig = *state;
	struct ibv_pd *pd = ibv_alloc_pd(rig->ctx);
	uint8_t *mem = map(PAGE);
	struct ibv_mr *mr = ibv_reg_mr(pd, mem, PAGE, IBV_ACCESS_LOCAL_WRITE | PAIR_ACCESS);

	assert_int_equal(ibv_dealloc_pd(pd), EBUSY);
	assert_int_equal(ibv_rereg_mr(mr, IBV_REREG_MR_CHANGE_PD, rig->pd, NULL, 0, 0), 0);
	assert_ptr_equal(mr->pd, rig->pd);
	assert_int_equal(write_remotely(mr->rkey, mem, 1), IBV_WC_SUCCESS);
	assert_int_equal(ibv_rereg_mr(mr, IBV_REREG_MR_CHANGE_PD, pd, NULL, 0, 0), 0);
	assert_int_equal(write_remotely(mr->rkey, mem, 1), IBV_WC_REM_ACCESS_ERR);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	assert_int_equal(ibv_dealloc_pd(pd), 0);
	munmap(mem, PAGE);
}

/* libibverbs refuses what it need not ask the kernel for, and says by its result which of them did. */
static void
who_refuses(void **state)
{
	struct rig *rig = *state;
	uint8_t *mem = map(PAGE);
	struct ibv_mr *mr = ibv_reg_mr(rig->pd, mem, PAGE, IBV_ACCESS_LOCAL_WRITE);

	assert_int_equal(ibv_rereg_mr(mr, 0, NULL, NULL, 0, 0), IBV_REREG_MR_ERR_CMD);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(ibv_rereg_mr(mr, IBV_REREG_MR_CHANGE_TRANSLATION, NULL, NULL, PAGE, 0),
		IBV_REREG_MR_ERR_INPUT);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(ibv_rereg_mr(mr, IBV_REREG_MR_CHANGE_PD, rig->pd, NULL, 0,
		IBV_ACCESS_LOCAL_WRITE), IBV_REREG_MR_ERR_INPUT);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	munmap(mem, PAGE);
}

/* The kernel has its pages as they were wanted first, whatever access there is meanwhile. */
static void
pages_that_are_read(void **state)
{
	struct rig *rig = *state;
	uint8_t *mem = map(PAGE);
	struct ibv_mr *mr = ibv_reg_mr(rig->pd, mem, PAGE, 0);

	assert_int_equal(ibv_rereg_mr(mr, IBV_REREG_MR_CHANGE_ACCESS, NULL, NULL, 0,
		IBV_ACCESS_LOCAL_WRITE), IBV_REREG_MR_ERR_CMD);
	assert_int_equal(errno, EACCES);
	assert_int_equal(ibv_rereg_mr(mr, IBV_REREG_MR_CHANGE_ACCESS |
		IBV_REREG_MR_CHANGE_TRANSLATION, NULL, mem, PAGE, IBV_ACCESS_LOCAL_WRITE), 0);
	assert_int_equal(ibv_rereg_mr(mr, IBV_REREG_MR_CHANGE_ACCESS, NULL, NULL, 0, 0), 0);
	assert_int_equal(ibv_rereg_mr(mr, IBV_REREG_MR_CHANGE_ACCESS, NULL, NULL, 0,
		IBV_ACCESS_LOCAL_WRITE), 0);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	munmap(mem, PAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RC(other_memory),
		RC(other_access),
		RC(who_refuses),
		RC(pages_that_are_read),
		RC(another_domain),
	};

	rig_environment(1);
	setenv("SOFTHCA_PIN", "1", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
