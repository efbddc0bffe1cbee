/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Cases about memory as applications have it: at IOVAs of their own, at two addresses, in a heap.
 */
#include <errno.h>

#include <rte_errno.h>
#include <rte_malloc.h>

#include "suite.h"

#define FIRST_IOVA 0x10000 /* below it no address of a process can be */

/* A driver may support iova = va only, as the example of the porting guide does. */
static bool
takes_any_iova(struct test *t, struct span span)
{
	struct outcome outcome;

	if (t->rig->rules != RULES_DRIVER)
		return true;
	outcome = call_map(t->rig, &span);
	if (outcome.ret == 0)
		call_unmap(t->rig, &span);
	return outcome.ret == 0 || outcome.error != EINVAL;
}

/*
 * Media Transport Library counts IOVAs up from such a number. A driver that addresses memory by VA
 * ignores them, but tells one from another at the unmap.
 */
void
case_low_iovas(struct test *t)
{
	struct memory *memory = test_memory(t, 8);
	struct span first, second;

	if (memory == NULL)
		return;
	first = test_pages(memory, 0, 4);
	second = test_pages(memory, 4, 4);
	first.iova = FIRST_IOVA;
	second.iova = FIRST_IOVA + first.len;
	if (!takes_any_iova(t, first)) {
		test_skip(t, "its driver supports iova = address only");
		return;
	}
	if (must_map(t, first) && must_map(t, second) && must_read(t, first) &&
			must_read(t, second) && must_unmap(t, first) && must_not_read(t, first) &&
			must_read(t, second))
		must_unmap(t, second);
}

/* One memfd at two addresses: two mappings, of which each lives alone. */
void
case_two_addresses(struct test *t)
{
	struct memory *memory = test_memory_of(t, MEMORY_MEMFD, 4 * memory_page()), *alias;
	struct span one, other;

	if (memory == NULL)
		return;
	alias = test_alias(t, memory);
	if (alias == NULL)
		return;
	one = test_pages(memory, 0, 4);
	other = test_pages(alias, 0, 4);
	if (!must_map(t, one) || !must_map(t, other) || !must_read(t, one) || !must_read(t, other))
		return;
	if (must_unmap(t, one) && must_not_read(t, one) && must_read(t, other) &&
			must_unmap(t, other))
		must_not_read(t, other);
}

/* Added without IOVAs, so that EAL does not map it on VFIO: it is the application's to map. */
void
case_heap_without_iovas(struct test *t)
{
	static const char heap[] = "conformance";
	struct memory *memory = test_memory(t, 4);
	struct span span;
	bool added;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, 4);
	if (!test_check(t, memory_unregister(memory) == 0, "unregister"))
		return;
	added = rte_malloc_heap_create(heap) == 0 && rte_malloc_heap_memory_add(heap, memory->addr,
		memory->len, NULL, 0, memory->page) == 0;
	if (test_check(t, added, "a heap of the memory: %s", rte_strerror(rte_errno)) &&
			must_map(t, span))
		must_unmap(t, span);
	rte_malloc_heap_memory_remove(heap, memory->addr, memory->len);
	rte_malloc_heap_destroy(heap);
}
