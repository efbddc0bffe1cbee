/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * memory: see memory.h. Reads EAL's memseg lists, which are valid until rte_eal_cleanup(); a
 * removed one has length 0. Called by dispatch, conflict, replay and the backends of
 * shared address spaces.
 */
#include <stdatomic.h>
#include <stddef.h>

#include <rte_common.h>
#include <rte_eal.h>
#include <rte_fbarray.h>
#include <rte_memory.h>

#include "common/memory.h"

/* A hint: the list is checked again at each use. */
static _Atomic(const struct rte_memseg_list *) recent;

static bool
covers(const struct rte_memseg_list *msl, uint64_t addr, uint64_t len)
{
	uint64_t offset = addr - msl->addr_64;

	return offset < msl->len && len <= msl->len - offset;
}

/* Memory of rte_extmem_register(): neither EAL's own nor a heap's. */
static bool
is_registered(const struct rte_memseg_list *msl)
{
	return msl->external && !msl->heap;
}

/* The list of the hint, if it is registered memory and contains the range. */
static const struct rte_memseg_list *
find_in_recent(uint64_t addr, uint64_t len)
{
	const struct rte_memseg_list *msl;

	msl = atomic_load_explicit(&recent, memory_order_relaxed);
	return msl != NULL && is_registered(msl) && covers(msl, addr, len) ? msl : NULL;
}

/* The bytes of a list from addr on that are contiguously known to EAL; 0 for none. */
static uint64_t
known_run(const struct rte_memseg_list *msl, uint64_t addr)
{
	const struct rte_memseg *ms;

	/* External memory is known as a whole; EAL's own lists are populated page by page. */
	if (msl->external) {
		atomic_store_explicit(&recent, msl, memory_order_relaxed);
		return msl->addr_64 + msl->len - addr;
	}
	ms = rte_mem_virt2memseg((const void *)(uintptr_t)addr, msl);
	if (ms == NULL || ms->len == 0)
		return 0;
	return ms->addr_64 + ms->len - addr;
}

static uint64_t
whole_run(const struct rte_memseg_list *msl, uint64_t addr)
{
	return msl->addr_64 + msl->len - addr;
}

/* Combine the sockets of the lists in order; for a single list it is the socket itself. */
static uint64_t
add_socket(uint64_t registration, const struct rte_memseg_list *msl)
{
	return registration * UINT64_C(0x9e3779b97f4a7c15) + (uint32_t)msl->socket_id;
}

/* Walk from list to list; false at a byte that is in none, or for which run() returns 0. */
static bool
walk_range(uint64_t addr, uint64_t len,
	uint64_t (*run)(const struct rte_memseg_list *msl, uint64_t addr), uint64_t *registration)
{
	const struct rte_memseg_list *msl, *last = NULL;
	uint64_t n;

	*registration = 0;
	while (len != 0) {
		msl = rte_mem_virt2memseg_list((const void *)(uintptr_t)addr);
		n = msl == NULL ? 0 : run(msl, addr);
		if (n == 0)
			return false;
		if (msl != last)
			*registration = add_socket(*registration, msl);
		last = msl;
		n = RTE_MIN(n, len);
		addr += n;
		len -= n;
	}
	return true;
}

bool
pci_ext_memory_identify(uint64_t addr, uint64_t len, uint64_t *registration)
{
	const struct rte_memseg_list *msl = find_in_recent(addr, len);

	if (msl == NULL)
		return walk_range(addr, len, known_run, registration);
	*registration = add_socket(0, msl);
	return true;
}

struct span {
	uint64_t first;
	uint64_t len;
	uint64_t registration;
};

static bool
is_registration(const struct rte_memseg_list *msl, const struct span *span)
{
	return is_registered(msl) && add_socket(0, msl) == span->registration &&
	       covers(msl, span->first, span->len);
}

/* Hints: the list of a registration, by its number. */
static _Atomic(const struct rte_memseg_list *) known[64];

static _Atomic(const struct rte_memseg_list *) *
hint_of(uint64_t registration)
{
	return &known[registration % RTE_DIM(known)];
}

static int
find_registration(const struct rte_memseg_list *msl, void *arg)
{
	const struct span *span = arg;

	if (!is_registration(msl, span))
		return 0;
	atomic_store_explicit(hint_of(span->registration), msl, memory_order_relaxed);
	return 1;
}

bool
pci_ext_memory_is_current(uint64_t addr, uint64_t len, uint64_t registration)
{
	struct span span = {addr, len, registration};
	const struct rte_memseg_list *hint;
	uint64_t now;

	if (registration == PCI_EXT_MEMORY_GONE)
		return false;
	hint = atomic_load_explicit(hint_of(registration), memory_order_relaxed);
	if (hint != NULL && is_registration(hint, &span))
		return true;
	/* Registrations may overlap: search the original one, not the first that matches. */
	if (rte_memseg_list_walk_thread_unsafe(find_registration, &span) > 0)
		return true;
	/* Pages need no check: if EAL frees one, the registration is PCI_EXT_MEMORY_GONE. */
	return walk_range(addr, len, whole_run, &now) && now == registration;
}

/* Index of the page of the list that contains an address, which the list covers. */
static int
page_of(const struct rte_memseg_list *msl, uint64_t addr)
{
	return (addr - msl->addr_64) / msl->page_sz;
}

/* EAL's own memory: it maps pages as it allocates them, at iova = va. */
static enum pci_ext_eal_use
use_of_list(const struct rte_memseg_list *msl, const struct span *span)
{
	const uint64_t end = msl->addr_64 + msl->len;
	const uint64_t first = RTE_MAX(span->first, msl->addr_64);
	uint64_t last = span->first + (span->len - 1);
	int used;

	if (first >= end || last < msl->addr_64)
		return PCI_EXT_EAL_NONE;
	last = RTE_MIN(last, end - 1);
	used = rte_fbarray_find_next_used(
		(struct rte_fbarray *)(uintptr_t)&msl->memseg_arr, page_of(msl, first));
	return used >= 0 && used <= page_of(msl, last) ? PCI_EXT_EAL_MAPPED : PCI_EXT_EAL_RESERVED;
}

/* Memory of the application in a heap: EAL maps it at its own IOVAs, a page without one never. */
static enum pci_ext_eal_use
use_of_heap(const struct rte_memseg_list *msl, const struct span *span)
{
	struct rte_fbarray *pages = (struct rte_fbarray *)(uintptr_t)&msl->memseg_arr;
	const struct rte_memseg *ms;
	int i;

	for (i = rte_fbarray_find_next_used(pages, 0); i >= 0;
		i = rte_fbarray_find_next_used(pages, i + 1)) {
		ms = rte_fbarray_get(pages, i);
		if (ms->iova != RTE_BAD_IOVA && ms->iova <= span->first + (span->len - 1) &&
			span->first <= ms->iova + (ms->len - 1))
			return PCI_EXT_EAL_MAPPED;
	}
	return PCI_EXT_EAL_NONE;
}

struct use {
	struct span span;
	enum pci_ext_eal_use use;
};

static int
add_use(const struct rte_memseg_list *msl, void *arg)
{
	struct use *all = arg;
	enum pci_ext_eal_use use;

	if (is_registered(msl))
		return 0;
	use = msl->external ? use_of_heap(msl, &all->span) : use_of_list(msl, &all->span);
	all->use = RTE_MAX(all->use, use);
	return all->use == PCI_EXT_EAL_MAPPED;
}

enum pci_ext_eal_use
pci_ext_memory_eal_use(uint64_t iova, uint64_t len)
{
	struct use all = {.span = {iova, len, 0}, .use = PCI_EXT_EAL_NONE};

	if (rte_eal_iova_mode() != RTE_IOVA_VA || find_in_recent(iova, len) != NULL)
		return PCI_EXT_EAL_NONE;
	rte_memseg_list_walk_thread_unsafe(add_use, &all);
	return all.use;
}

uint64_t
pci_ext_memory_eal_run(uint64_t addr, uint64_t *iova)
{
	const void *at = (const void *)(uintptr_t)addr;
	const struct rte_memseg_list *msl = rte_mem_virt2memseg_list(at);
	const struct rte_memseg *ms;

	if (msl == NULL || is_registered(msl))
		return 0;
	ms = rte_mem_virt2memseg(at, msl);
	if (ms == NULL || ms->len == 0 || ms->iova == RTE_BAD_IOVA)
		return 0;
	*iova = ms->iova + (addr - ms->addr_64);
	return ms->addr_64 + ms->len - addr;
}

bool
pci_ext_memory_is_eal(uint64_t addr)
{
	const struct rte_memseg_list *msl;

	msl = rte_mem_virt2memseg_list((const void *)(uintptr_t)addr);
	return msl != NULL && !is_registered(msl) && known_run(msl, addr) != 0;
}

void
pci_ext_memory_describe_eal_use(enum pci_ext_eal_use use, FILE *out)
{
	if (use == PCI_EXT_EAL_MAPPED)
		fputs("EAL itself maps memory there, its own or of a heap", out);
	else if (use == PCI_EXT_EAL_RESERVED)
		fputs("EAL reserves these IOVAs for memory that it will allocate (--base-virtaddr "
		      "moves them): choose others",
			out);
}

static int
is_touched(const struct rte_memseg_list *msl, void *arg)
{
	const struct span *span = arg;

	if (span->first < msl->addr_64)
		return msl->len != 0 && msl->addr_64 - span->first < span->len;
	return span->first - msl->addr_64 < msl->len;
}

bool
pci_ext_memory_is_unknown(uint64_t addr, uint64_t len)
{
	struct span span = {addr, len, 0};

	return rte_memseg_list_walk_thread_unsafe(is_touched, &span) == 0;
}

static void (*tell_gone)(uint64_t addr, uint64_t len);

static void
handle_event(enum rte_mem_event type, const void *addr, size_t len, void *arg)
{
	if (type == RTE_MEM_EVENT_FREE)
		tell_gone((uintptr_t)addr, len);
}

void
pci_ext_memory_watch(void (*gone)(uint64_t addr, uint64_t len))
{
	tell_gone = gone;
	rte_mem_event_callback_register("pci_ext", handle_event, NULL);
}
