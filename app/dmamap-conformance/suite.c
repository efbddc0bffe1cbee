/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the table of cases and the checks around each: its requirements, and the state restored
 * after it.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "args.h"
#include "suite.h"

#define LEAST_QUEUES 2
#define VA_RULE "a driver's callback maps by VA: only VFIO has conflicts of IOVAs"

const struct suite_case suite_cases[] = {
	{1, "basic", case_basic, 0, NULL},
	{2, "errno_hygiene", case_errno_hygiene, 0, NULL},
	{3, "len_zero", case_len_zero, 0, NULL},
	{4, "unregistered", case_unregistered, 0, NULL},
	{5, "not_probed", case_not_probed, 0, NULL},
	{6, "no_backend", case_no_backend, 0, NULL},
	{7, "end_beyond_extmem", case_end_beyond_extmem, 0, NULL},
	{8, "wrap", case_wrap, 0, NULL},
	{9, "hole_in_va", case_hole_in_va, 0, NULL},
	{10, "read_only_va", case_read_only_va, 0, NULL},
	{11, "alignment_sweep", case_alignment_sweep, 0, NULL},
	{12, "page_sizes", case_page_sizes, 0, NULL},
	{13, "large", case_large, 0, NULL},
	{14, "duplicate", case_duplicate, 0, NULL},
	{15, "duplicate_balance", case_duplicate_balance, 0, NULL},
	{16, "same_va_other_iova", case_same_va_other_iova, 0, NULL},
	{17, "same_iova_other_va", case_same_iova_other_va, NEED_VFIO, VA_RULE},
	{18, "overlap", case_overlap, 0, NULL},
	{19, "adjacent", case_adjacent, 0, NULL},
	{20, "wrong_len", case_wrong_len, 0, NULL},
	{21, "inner_unmap", case_inner_unmap, 0, NULL},
	{22, "spanning_unmap", case_spanning_unmap, 0, NULL},
	{23, "unmap_over_hole", case_unmap_over_hole, 0, NULL},
	{24, "never_mapped", case_never_mapped, 0, NULL},
	{25, "native_memory", case_native_memory, 0, NULL},
	{26, "after_unmap", case_after_unmap, 0, NULL},
	{27, "no_revival", case_no_revival, 0, NULL},
	{28, "same_va_new_pages", case_same_va_new_pages, 0, NULL},
	{29, "unregister_first", case_unregister_first, 0, NULL},
	{30, "device_scope", case_device_scope, NEED_OTHER, NULL},
	{31, "device_balance", case_device_balance, NEED_OTHER, NULL},
	{32, "nth_failure", case_nth_failure, 0, NULL},
	{33, "many", case_many, 0, NULL},
	{34, "remove_with_maps", case_remove_with_maps, 0, NULL},
	{35, "replay", case_replay, 0, NULL},
	{36, "before_probe", case_before_probe, 0, NULL},
	{37, "replay_gone", case_replay_gone, 0, NULL},
	{38, "threads_disjoint", case_threads_disjoint, 0, NULL},
	{39, "threads_same", case_threads_same, 0, NULL},
	{40, "churn_vs_traffic", case_churn_vs_traffic, 0, NULL},
	{41, "in_flight", case_in_flight, NEED_PORT,
		"its copies are complete when the call returns"},
	{42, "recovery", case_recovery, NEED_PORT | NEED_DRIVER,
		"an IOMMU fault does not stop a queue"},
	{43, "secondary", case_secondary, 0, NULL},
	{44, "fork", case_fork, 0, NULL},
	{45, "pinned_pool", case_pinned_pool, NEED_PORT, NULL},
	{46, "jumbo_4k_pages", case_jumbo_4k_pages, NEED_PORT, NULL},
	{47, "attach_extbuf", case_attach_extbuf, NEED_PORT, NULL},
	{48, "testpmd_anon", case_testpmd_anon, 0, NULL},
	{49, "restart", case_restart, 0, NULL},
	{50, "exhaustion", case_exhaustion, 0, NULL},
	{51, "pool_freed", case_pool_freed, NEED_PORT | MAY_PIN, NULL},
	{52, "heap_shrinks", case_heap_shrinks, NEED_PORT | MAY_PIN, NULL},
	{53, "native_map", case_native_map, MAY_PIN, NULL},
	{54, "other_memory_there", case_other_memory_there, 0, NULL},
	{55, "closed_port", case_closed_port, 0, NULL},
	{56, "other_memory_posted", case_other_memory_posted, NEED_PORT | NEED_DRIVER,
		"the bus does not know which buffers a queue owns"},
	{57, "bad_iova", case_bad_iova, 0, NULL},
	{58, "reserved_iova", case_reserved_iova, NEED_VFIO, VA_RULE},
	{59, "entry_limit", case_entry_limit, NEED_VFIO, NULL},
	{60, "unsubmitted", case_unsubmitted, NEED_DMA | NEED_DRIVER,
		"the bus does not know which buffers a queue owns"},
	{61, "low_iovas", case_low_iovas, 0, NULL},
	{62, "two_addresses", case_two_addresses, 0, NULL},
	{63, "heap_without_iovas", case_heap_without_iovas, NEED_VFIO,
		"a driver may register all heaps by itself"},
	{64, "pages_replaced", case_pages_replaced, 0, NULL},
	{65, "pages_discarded", case_pages_discarded, 0, NULL},
	{66, "pages_moved", case_pages_moved, 0, NULL},
	{67, "pages_protected", case_pages_protected, 0, NULL},
	{68, "fork_alive", case_fork_alive, 0, NULL},
	{69, "fork_shared", case_fork_shared, 0, NULL},
	{70, "library_beside", case_library_beside, NEED_VFIO, NULL},
	{71, "never_unmapped", case_never_unmapped, MAY_PIN | ENDS_PROCESS, NULL},
	{72, "query", case_query, 0, NULL},
	{73, "all_devices", case_all_devices, NEED_OTHER, NULL},
	{74, "dmabuf", case_dmabuf, 0, NULL},
	{75, "to_read", case_to_read, 0, NULL},
	{76, "lists", case_lists, NEED_OTHER, NULL},
};

const unsigned int suite_size = RTE_DIM(suite_cases);

static_assert(RTE_DIM(suite_cases) <= ARGS_CASES, "more cases than a run has room for");

const struct suite_case *
suite_find(const char *text)
{
	unsigned int i;
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	for (i = 0; i < suite_size; i++) {
		if (strcmp(suite_cases[i].name, text) == 0)
			return &suite_cases[i];
		if (*end == '\0' && suite_cases[i].number == number)
			return &suite_cases[i];
	}
	return NULL;
}

static const char *
missing_need(const struct suite_case *c, const struct test *t)
{
	const struct rig *rig = t->rig;
	bool port = rig->ops == &rig_eth_ops;

	if ((c->needs & NEED_PORT) && !port)
		return "not an ethdev port";
	if ((c->needs & NEED_DMA) && port)
		return "not a dmadev";
	if ((c->needs & NEED_DRIVER) && rig->rules != RULES_DRIVER)
		return "mapped by VFIO, not by its driver";
	if ((c->needs & NEED_VFIO) && rig->rules != RULES_VFIO)
		return "mapped by its driver, not by VFIO";
	if ((c->needs & NEED_OTHER) && t->other == NULL)
		return "no second device under the same rules: add one by -a";
	if ((c->needs & NEED_QUEUES) && rig->n_queues < LEAST_QUEUES)
		return "the port has only one queue";
	return NULL;
}

static void
check_pins(struct test *t, const struct pins *then)
{
	struct pins now = pins_read();
	long kb = pins_growth(then, &now);

	if (kb <= 0)
		return;
	t->spoilt = true;
	test_fail(t,
		"%ld kB more are pinned after the case than before it (VmPin %ld, was %ld; VmLck "
		"%ld, was %ld)",
		kb, now.pinned, then->pinned, now.locked, then->locked);
}

static void
check_health(struct test *t)
{
	if (t->rig->opened && t->rig->ops->healthy(t->rig))
		return;
	t->spoilt = true;
	test_fail(t, "after the case no data from DPDK's own memory gets through");
}

void
suite_run(const struct suite_case *c, struct test *t)
{
	const char *missing = missing_need(c, t);
	struct pins before;

	if (missing != NULL) {
		test_skip(t, "%s%s%s", missing, c->why != NULL ? ": " : "",
			c->why != NULL ? c->why : "");
		return;
	}
	before = pins_read();
	c->run(t);
	test_clean(t);
	if (t->verdict == VERDICT_SKIP)
		return;
	check_health(t);
	if ((c->needs & MAY_PIN) == 0)
		check_pins(t, &before);
}
