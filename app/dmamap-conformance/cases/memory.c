/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Cases about memory as applications have it: at IOVAs of their own, at two addresses, in a heap,
 * for every device, and beside a library that maps too.
 */
#include <errno.h>

#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_vfio.h>

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

/* As a program that does not ask which device will use the memory. */
static bool
map_for_all(struct test *t, struct span span)
{
	unsigned int i;

	for (i = 0; i < t->rigs->n; i++)
		if (t->rigs->rigs[i].opened && !must_map_on(t, &t->rigs->rigs[i], span))
			return false;
	return true;
}

static bool
read_by_all(struct test *t, struct span span)
{
	unsigned int i;

	span.iova = (uintptr_t)span.addr;
	for (i = 0; i < t->rigs->n; i++)
		if (t->rigs->rigs[i].opened && !must_read_on(t, &t->rigs->rigs[i], span))
			return false;
	return true;
}

/* The process ends with the mappings; whether it ends well is part of the case (ENDS_PROCESS). */
static void
leave_mapped(struct test *t)
{
	t->n_mappings = 0;
	t->n_memories = 0;
	t->spoilt = true;
}

/* As DAQIRI does: every region twice for every port, with RTE_BAD_IOVA, and no unmap at the end. */
void
case_never_unmapped(struct test *t)
{
	struct memory *regions[4];
	struct span span;
	unsigned int i;

	for (i = 0; i < 2 * RTE_DIM(regions); i++) {
		if (i < RTE_DIM(regions))
			regions[i] = test_memory(t, 16);
		if (regions[i % RTE_DIM(regions)] == NULL)
			return;
		span = test_pages(regions[i % RTE_DIM(regions)], 0, 16);
		span.iova = RTE_BAD_IOVA;
		if (!map_for_all(t, span))
			return;
	}
	for (i = 0; i < RTE_DIM(regions); i++)
		if (!read_by_all(t, test_pages(regions[i], 0, 16)))
			return;
	leave_mapped(t);
}

static int
library_map(const struct span *span)
{
	return rte_vfio_container_dma_map(RTE_VFIO_DEFAULT_CONTAINER_FD, (uintptr_t)span->addr,
		span->iova, span->len);
}

static int
library_unmap(const struct span *span)
{
	return rte_vfio_container_dma_unmap(RTE_VFIO_DEFAULT_CONTAINER_FD, (uintptr_t)span->addr,
		span->iova, span->len);
}

/* What the library has mapped is not ours to count, and its unmap would end it. */
static bool
map_after_library(struct test *t, struct span span)
{
	bool refused = must_not_map(t, span, EEXIST, 0) && must_read(t, span);

	return test_check(t, library_unmap(&span) == 0, "the library cannot unmap") && refused &&
		must_not_read(t, span) && must_map(t, span) && must_read(t, span) &&
		must_unmap(t, span);
}

/* The library's unmap ends the program's mapping. The next map must not count what is not there. */
static void
map_before_library(struct test *t, struct span span)
{
	if (!must_map(t, span))
		return;
	library_map(&span);
	library_unmap(&span);
	if (must_not_read(t, span) && must_map(t, span) && must_read(t, span) &&
			must_unmap(t, span) && must_unmap(t, span))
		must_not_read(t, span);
}

/* A library that maps the program's memory in VFIO's default container, as OpenDataPlane does. */
void
case_library_beside(struct test *t)
{
	struct memory *memory = test_memory(t, 4);
	struct span span;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, 4);
	if (library_map(&span) != 0) {
		test_skip(t, "rte_vfio_container_dma_map() fails: EAL's default container is not "
			"a VFIO container");
		return;
	}
	if (map_after_library(t, span))
		map_before_library(t, span);
}
