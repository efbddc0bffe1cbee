/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The cases: numbers, names, requirements, in order of execution.
 */
#ifndef CONFORMANCE_SUITE_H
#define CONFORMANCE_SUITE_H

#include "test.h"

enum needs {
	NEED_PORT = 1,		/* an ethdev */
	NEED_DMA = 2,		/* a dmadev */
	NEED_DRIVER = 4,	/* mapped by the driver's own callback */
	NEED_VFIO = 8,		/* mapped by the bus through VFIO */
	NEED_OTHER = 16,	/* a second device under the same rules */
	NEED_QUEUES = 32,	/* two queues */
	MAY_PIN = 64,		/* pins may grow: the driver may register EAL's memory */
	ENDS_PROCESS = 128,	/* passed only if the process then ends by itself, with status 0 */
};

struct suite_case {
	unsigned int number;
	const char *name;
	void (*run)(struct test *t);
	unsigned int needs;
	const char *why;	/* why it does not apply without that requirement */
};

extern const struct suite_case suite_cases[];
extern const unsigned int suite_size;

/* By name or number; NULL if unknown. */
const struct suite_case *suite_find(const char *text);

/* Runs the case on the device and restores the state; verdict and reason are set in t. */
void suite_run(const struct suite_case *c, struct test *t);

/* Implemented in cases/, by topic. */
#define SUITE_CASE(name) void case_##name(struct test *t)
SUITE_CASE(basic);
SUITE_CASE(errno_hygiene);
SUITE_CASE(len_zero);
SUITE_CASE(unregistered);
SUITE_CASE(not_probed);
SUITE_CASE(no_backend);
SUITE_CASE(end_beyond_extmem);
SUITE_CASE(wrap);
SUITE_CASE(hole_in_va);
SUITE_CASE(read_only_va);
SUITE_CASE(alignment_sweep);
SUITE_CASE(page_sizes);
SUITE_CASE(large);
SUITE_CASE(duplicate);
SUITE_CASE(duplicate_balance);
SUITE_CASE(same_va_other_iova);
SUITE_CASE(same_iova_other_va);
SUITE_CASE(overlap);
SUITE_CASE(adjacent);
SUITE_CASE(wrong_len);
SUITE_CASE(inner_unmap);
SUITE_CASE(spanning_unmap);
SUITE_CASE(unmap_over_hole);
SUITE_CASE(never_mapped);
SUITE_CASE(native_memory);
SUITE_CASE(after_unmap);
SUITE_CASE(no_revival);
SUITE_CASE(same_va_new_pages);
SUITE_CASE(unregister_first);
SUITE_CASE(device_scope);
SUITE_CASE(device_balance);
SUITE_CASE(nth_failure);
SUITE_CASE(many);
SUITE_CASE(remove_with_maps);
SUITE_CASE(replay);
SUITE_CASE(before_probe);
SUITE_CASE(replay_gone);
SUITE_CASE(threads_disjoint);
SUITE_CASE(threads_same);
SUITE_CASE(churn_vs_traffic);
SUITE_CASE(in_flight);
SUITE_CASE(recovery);
SUITE_CASE(secondary);
SUITE_CASE(fork);
SUITE_CASE(pinned_pool);
SUITE_CASE(jumbo_4k_pages);
SUITE_CASE(attach_extbuf);
SUITE_CASE(testpmd_anon);
SUITE_CASE(restart);
SUITE_CASE(exhaustion);
SUITE_CASE(pool_freed);
SUITE_CASE(heap_shrinks);
SUITE_CASE(native_map);
SUITE_CASE(other_memory_there);
SUITE_CASE(other_memory_posted);
SUITE_CASE(closed_port);
SUITE_CASE(bad_iova);
SUITE_CASE(reserved_iova);
SUITE_CASE(entry_limit);
SUITE_CASE(unsubmitted);
SUITE_CASE(low_iovas);
SUITE_CASE(two_addresses);
SUITE_CASE(heap_without_iovas);
SUITE_CASE(pages_replaced);
SUITE_CASE(pages_discarded);
SUITE_CASE(pages_moved);
SUITE_CASE(pages_protected);
SUITE_CASE(fork_alive);
SUITE_CASE(fork_shared);
SUITE_CASE(library_beside);
SUITE_CASE(never_unmapped);
SUITE_CASE(query);
SUITE_CASE(all_devices);
SUITE_CASE(dmabuf);
SUITE_CASE(to_read);
SUITE_CASE(lists);

#endif
