/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Cases about a working mapping, and its reference count.
 */
#include <string.h>

#include "suite.h"

void
case_basic(struct test *t)
{
	struct memory *page = test_memory(t, 1);
	struct memory *room = test_memory_of(t, MEMORY_ANON, RIG_WRITE_ROOM);

	if (page == NULL || room == NULL)
		return;
	if (!must_map(t, test_pages(page, 0, 1)) || !must_read(t, test_pages(page, 0, 1)) ||
			!must_unmap(t, test_pages(page, 0, 1)))
		return;
	/* A port requires room for a ring of packets. */
	if (must_map(t, test_pages(room, 0, room->len / memory_page())) &&
			must_write(t, test_pages(room, 0, room->len / memory_page())))
		must_unmap(t, test_pages(room, 0, room->len / memory_page()));
}

static bool
try_kind(struct test *t, enum memory_kind kind)
{
	struct memory *memory = test_memory_of(t, kind, RIG_WRITE_ROOM);
	struct span span;

	if (memory == NULL)
		return false;
	span = test_pages(memory, 0, memory->len / memory_page());
	return must_map(t, span) && must_read(t, span) && must_write(t, span) &&
		must_unmap(t, span);
}

static bool
is_to_be_had(enum memory_kind kind)
{
	struct memory memory;
	bool is = memory_alloc(&memory, kind, RIG_WRITE_ROOM) == 0;

	if (is)
		memory_free(&memory);
	return is;
}

void
case_page_sizes(struct test *t)
{
	enum memory_kind kind;

	for (kind = 0; kind <= MEMORY_FILE; kind++) {
		if (!is_to_be_had(kind))
			test_note(
				t, "left out: no %s memory here", memory_kind_name(kind));
		else if (!try_kind(t, kind))
			test_note(t, "failed with %s memory", memory_kind_name(kind));
	}
}

void
case_duplicate(struct test *t)
{
	struct memory *memory = test_memory(t, 4);
	struct span span;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, 4);
	if (must_map(t, span) && must_map(t, span) && must_read(t, span) && must_unmap(t, span))
		must_unmap(t, span);
}

void
case_duplicate_balance(struct test *t)
{
	struct memory *memory = test_memory(t, 4);
	struct span span;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, 4);
	if (must_map(t, span) && must_map(t, span) && must_unmap(t, span) && must_read(t, span) &&
			must_unmap(t, span))
		must_not_unmap(t, span, ENOENT, 0);
}

/* As testpmd --mp-alloc=anon: one call for each chunk of the pool, all with iova 0. */
void
case_testpmd_anon(struct test *t)
{
	struct memory *chunks[4];
	struct span span;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		chunks[i] = test_memory(t, 8);
		if (chunks[i] == NULL)
			return;
		span = test_pages(chunks[i], 0, 8);
		span.iova = 0;
		if (!must_map(t, span))
			return;
	}
	for (i = 0; i < 4; i++)
		if (!must_read(t, test_pages(chunks[i], 0, 8)))
			return;
	for (i = 0; i < 4; i++) {
		span = test_pages(chunks[i], 0, 8);
		span.iova = 0;
		if (!must_unmap(t, span) || !must_not_read(t, test_pages(chunks[i], 0, 8)))
			return;
	}
}

/* iova = address and RTE_BAD_IOVA name the same mapping. */
void
case_bad_iova(struct test *t)
{
	struct memory *memory = test_memory(t, 4);
	struct span span, bad;

	if (memory == NULL)
		return;
	span = bad = test_pages(memory, 0, 4);
	bad.iova = RTE_BAD_IOVA;
	if (must_map(t, span) && must_map(t, bad) && must_unmap(t, bad) && must_read(t, span) &&
			must_unmap(t, span))
		must_not_read(t, span);
}
