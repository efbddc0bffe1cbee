/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Cases about failures below the driver: of memory allocation, of the kernel, of the device.
 */
#include <rte_ethdev.h>

#include "bytes.h"
#include "inject.h"
#include "port.h"
#include "suite.h"

#define MOST_CALLS 100
#define RECOVERY_MS 10000

static bool
check_left(struct test *t, const struct pins *then, const char *what, unsigned int n)
{
	struct pins now = pins_read();
	long kb = pins_growth(then, &now);

	return test_check(
		t, kb <= 0, "%ld kB stay pinned after call %u, %s, failed", kb, n, what);
}

/* After an error nothing remains; a map that returns 0 in spite of the failure must work. */
static bool
judge_map(struct test *t, struct span span, struct outcome outcome, const char *hit, unsigned int n)
{
	if (outcome.ret == 0)
		return must_read(t, span) && must_unmap(t, span);
	return test_check(t, outcome.error > 0, "map while call %u, %s, fails: expected a positive "
		"rte_errno, got %d with %d", n, hit, outcome.ret, outcome.error);
}

/* The n-th call fails, with n increasing until map makes fewer calls. */
static void
fail_map(struct test *t, struct span span, unsigned int set)
{
	struct pins before = pins_read();
	struct outcome outcome;
	const char *hit;
	unsigned int n;

	for (n = 1; n < MOST_CALLS; n++) {
		inject_arm(set, n);
		outcome = call_map(t->rig, &span);
		hit = inject_disarm();
		if (!judge_map(t, span, outcome, hit != NULL ? hit : "nothing", n))
			return;
		if (hit == NULL)
			break;
		if (!check_left(t, &before, hit, n) || !must_not_unmap(t, span, ENOENT, 0))
			return;
		if (!must_map(t, span) || !must_read(t, span) || !must_unmap(t, span))
			return;
	}
	test_note(t, "map handles %u failures of %s", n - 1, set == INJECT_MEMORY ?
		"allocations" : "system calls and registrations");
}

/*
 * After an error the range is still mapped and can be unmapped; after 0 it is unmapped and
 * unpinned.
 */
static bool
judge_unmap(struct test *t, struct span span, struct outcome outcome, const char *hit,
	const struct pins *before)
{
	if (outcome.ret == 0) {
		struct pins now = pins_read();
		long kb = pins_growth(before, &now);

		return must_not_read(t, span) &&
			test_check(t, kb <= 0,
				"unmap returned 0 while %s failed, but %ld kB stay pinned",
				hit, kb);
	}
	return test_check(t, outcome.error > 0,
		       "unmap while %s fails: expected a positive rte_errno, got %d with %d",
		       hit, outcome.ret, outcome.error) &&
	       must_read(t, span) && must_unmap(t, span);
}

static void
fail_unmap(struct test *t, struct span span, unsigned int set)
{
	struct pins before = pins_read();
	struct outcome outcome;
	const char *hit;
	unsigned int n;

	for (n = 1; n < MOST_CALLS && must_map(t, span); n++) {
		inject_arm(set, n);
		outcome = call_unmap(t->rig, &span);
		hit = inject_disarm();
		if (outcome.ret == 0)
			test_forget(t, t->rig);
		if (!judge_unmap(t, span, outcome, hit != NULL ? hit : "nothing", &before) ||
				hit == NULL)
			break;
	}
}

void
case_nth_failure(struct test *t)
{
	struct memory *memory = test_memory(t, 4);

	if (memory == NULL)
		return;
	fail_map(t, test_pages(memory, 0, 4), INJECT_MEMORY);
	if (t->verdict == VERDICT_OK)
		fail_map(t, test_pages(memory, 0, 4), INJECT_CALLS);
	if (t->verdict == VERDICT_OK)
		fail_unmap(t, test_pages(memory, 0, 4), INJECT_MEMORY);
	if (t->verdict == VERDICT_OK)
		fail_unmap(t, test_pages(memory, 0, 4), INJECT_CALLS);
}

/* The MR covers less than the driver believes, so an access behind it is a protection error. */
static bool
map_truncated(struct test *t, struct span span)
{
	bool mapped;

	inject_truncate(memory_page());
	mapped = must_map(t, span);
	if (mapped && inject_truncated() == 0)
		test_skip(t,
			"the driver does not register by ibv_reg_mr(): no protection error can be "
			"caused");
	inject_truncate(0);
	return mapped;
}

static void
break_queue(struct test *t, struct span span)
{
	unsigned int in_use = rte_mempool_in_use_count(t->rig->pool);
	int64_t recoveries = port_counter(t->rig, "tx_q0_recoveries");
	struct span beyond = {(uint8_t *)span.addr + memory_page(), span.iova + memory_page(), 256};
	struct rte_mbuf *packet = port_attach(t->rig, &beyond);

	if (!test_check(t, packet != NULL, "no mbuf"))
		return;
	port_frame(t->rig, beyond.addr, 256, rig_next_seq());
	test_check(t, rte_eth_tx_burst(t->rig->port, 0, &packet, 1) == 1,
		"the port accepts no packet");
	/* Queue 1 keeps working; queue 0 recovers. */
	if (t->rig->n_queues > 1)
		test_check(t, port_control(t->rig, 1, RECOVERY_MS),
			"queue 1 does not move data while queue 0 has failed");
	test_check(t, port_control(t->rig, 0, RECOVERY_MS), "queue 0 has not recovered after %d ms",
		RECOVERY_MS);
	if (recoveries >= 0)
		test_check(t, port_counter(t->rig, "tx_q0_recoveries") == recoveries + 1,
			"tx_q0_recoveries: expected %jd, got %jd", (intmax_t)recoveries + 1,
			(intmax_t)port_counter(t->rig, "tx_q0_recoveries"));
	else
		test_note(t, "the port has no counter tx_q0_recoveries");
	test_check(t, rte_mempool_in_use_count(t->rig->pool) <= in_use + 4,
		"mbufs were lost: %u in use, %u before",
		rte_mempool_in_use_count(t->rig->pool), in_use);
}

void
case_recovery(struct test *t)
{
	struct memory *memory = test_memory(t, 4);
	struct span span;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, 4);
	if (!map_truncated(t, span))
		return;
	if (t->verdict == VERDICT_OK)
		break_queue(t, span);
	must_unmap(t, span);
}
