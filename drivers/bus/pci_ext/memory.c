/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * memory: see memory.h. Reads EAL's lists of memory, which stay where they are until
 * rte_eal_cleanup(); one that is gone has length 0. Called by dispatch, replay and backend_vfio.
 */
#include <stdatomic.h>
#include <stddef.h>

#include <rte_common.h>
#include <rte_eal.h>
#include <rte_memory.h>

#include "memory.h"

/* A hint only: whatever it points to is checked anew. */
static _Atomic(const struct rte_memseg_list *) recent;

static bool
covers(const struct rte_memseg_list *msl, uint64_t addr, uint64_t len)
{
	uint64_t offset = addr - msl->addr_64;

	return offset < msl->len && len <= msl->len - offset;
}

/* Whether the hint is registered memory, not EAL's own nor a heap's, and has all of the range. */
static bool
is_in_recent(uint64_t addr, uint64_t len)
{
	const struct rte_memseg_list *msl;

	msl = atomic_load_explicit(&recent, memory_order_relaxed);
	return msl != NULL && msl->external && !msl->heap && covers(msl, addr, len);
}

/* How many bytes from addr on EAL knows in one piece; 0 for none. */
static uint64_t
known_run(uint64_t addr)
{
	const void *va = (const void *)(uintptr_t)addr;
	const struct rte_memseg_list *msl = rte_mem_virt2memseg_list(va);
	const struct rte_memseg *ms;

	if (msl == NULL)
		return 0;
	/* Registered memory is known as a whole; in its own lists EAL has filled some pages. */
	if (msl->external) {
		atomic_store_explicit(&recent, msl, memory_order_relaxed);
		return msl->addr_64 + msl->len - addr;
	}
	ms = rte_mem_virt2memseg(va, msl);
	if (ms == NULL || ms->len == 0)
		return 0;
	return ms->addr_64 + ms->len - addr;
}

bool
pci_ext_memory_is_known(uint64_t addr, uint64_t len)
{
	uint64_t run;

	if (is_in_recent(addr, len))
		return true;
	while (len != 0) {
		run = known_run(addr);
		if (run == 0)
			return false;
		run = RTE_MIN(run, len);
		addr += run;
		len -= run;
	}
	return true;
}

struct span {
	uint64_t first;
	uint64_t len;
};

static int
is_mapped_list(const struct rte_memseg_list *msl, void *arg)
{
	const struct span *span = arg;

	/* Memory that is merely registered is not mapped by EAL: that is what we are here for. */
	if (msl->external && !msl->heap)
		return 0;
	if (span->first < msl->addr_64)
		return msl->addr_64 - span->first < span->len;
	return span->first - msl->addr_64 < msl->len;
}

bool
pci_ext_memory_is_mapped_by_eal(uint64_t iova, uint64_t len)
{
	struct span span = {iova, len};

	if (rte_eal_iova_mode() != RTE_IOVA_VA || is_in_recent(iova, len))
		return false;
	return rte_memseg_list_walk_thread_unsafe(is_mapped_list, &span) > 0;
}
