/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#include "arena.h"

#define HEAP "sequences"
#define ARENA_LEN (ARENA_PAGES * ARENA_PAGE)

static void *
pointer(const struct arena *arena, struct run run)
{
	return (void *)(uintptr_t)(arena->base + run.first * ARENA_PAGE);
}

static void
ignore(enum rte_mem_event event, const void *addr, size_t len, void *arg)
{
}

/* Not with --legacy-mem, which --no-huge implies. */
static bool
has_events(void)
{
	if (rte_mem_event_callback_register("sequences", ignore, NULL) != 0)
		return false;
	rte_mem_event_callback_unregister("sequences", NULL);
	return true;
}

int
arena_create(struct arena *arena)
{
	uint8_t *all = mmap(NULL, 3 * ARENA_LEN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (all == MAP_FAILED)
		return -errno;
	memset(arena, 0, sizeof(*arena));
	arena->base = (uintptr_t)all + ARENA_LEN;
	arena->is_told = has_events();
	return -arena_replace(arena, (struct run){0, ARENA_PAGES});
}

void
arena_destroy(struct arena *arena)
{
	munmap((void *)(uintptr_t)(arena->base - ARENA_LEN), 3 * ARENA_LEN);
}

bool
arena_run(const struct arena *arena, uint64_t addr, uint64_t len, struct run *run)
{
	uint64_t first = addr / ARENA_PAGE - arena->base / ARENA_PAGE;
	uint64_t last = (addr + (len - 1)) / ARENA_PAGE - arena->base / ARENA_PAGE;

	if (first >= ARENA_PAGES || last >= ARENA_PAGES)
		return false;
	*run = (struct run){first, last - first + 1};
	return true;
}

struct run
arena_piece(const struct arena *arena, unsigned int page)
{
	uint32_t registration = arena->pages[page].registration;
	struct run run = {page, 0};

	if (registration == 0)
		return run;
	while (run.first > 0 && arena->pages[run.first - 1].registration == registration)
		run.first--;
	while (run.first + run.n < ARENA_PAGES &&
			arena->pages[run.first + run.n].registration == registration)
		run.n++;
	return run;
}

bool
arena_is_free(const struct arena *arena, struct run run)
{
	unsigned int i;

	for (i = 0; i < run.n; i++)
		if (arena->pages[run.first + i].registration != 0)
			return false;
	return true;
}

bool
arena_is_whole(const struct arena *arena, struct run run)
{
	unsigned int i;

	for (i = 0; i < run.n; i++)
		if (arena->pages[run.first + i].is_hole)
			return false;
	return true;
}

bool
arena_has_heap(const struct arena *arena, struct run run)
{
	unsigned int i;

	for (i = 0; i < run.n; i++)
		if (arena->pages[run.first + i].is_heap)
			return true;
	return false;
}

static int
error_of(int ret)
{
	return ret == 0 ? 0 : rte_errno;
}

/* 0 for registration: EAL no longer knows the pages. */
static void
note(struct arena *arena, struct run run, uint32_t registration, bool is_heap, bool has_iova)
{
	struct arena_page *page = &arena->pages[run.first];

	for (; run.n > 0; run.n--, page++) {
		page->registration = registration;
		page->is_heap = is_heap;
		page->has_iova = has_iova;
	}
}

int
arena_register(struct arena *arena, struct run run)
{
	int error = error_of(rte_extmem_register(pointer(arena, run), run.n * ARENA_PAGE, NULL, 0,
		ARENA_PAGE));

	if (error == 0)
		note(arena, run, ++arena->last, false, false);
	return error;
}

int
arena_unregister(struct arena *arena, struct run run)
{
	int error = error_of(rte_extmem_unregister(pointer(arena, run), run.n * ARENA_PAGE));

	if (error == 0)
		note(arena, run, 0, false, false);
	return error;
}

int
arena_heap_create(struct arena *arena)
{
	int error = error_of(rte_malloc_heap_create(HEAP));

	if (error == 0)
		arena->heap = true;
	return error;
}

int
arena_heap_destroy(struct arena *arena)
{
	int error = error_of(rte_malloc_heap_destroy(HEAP));

	if (error == 0)
		arena->heap = false;
	return error;
}

int
arena_heap_add(struct arena *arena, struct run run, bool with_iovas)
{
	rte_iova_t iovas[ARENA_PAGES];
	unsigned int i;
	int error;

	for (i = 0; i < run.n; i++)
		iovas[i] = arena->base + (run.first + i) * ARENA_PAGE;
	error = error_of(rte_malloc_heap_memory_add(HEAP, pointer(arena, run), run.n * ARENA_PAGE,
		with_iovas ? iovas : NULL, with_iovas ? run.n : 0, ARENA_PAGE));
	if (error == 0)
		note(arena, run, ++arena->last, true, with_iovas);
	return error;
}

int
arena_heap_remove(struct arena *arena, struct run run)
{
	int error = error_of(rte_malloc_heap_memory_remove(HEAP, pointer(arena, run),
		run.n * ARENA_PAGE));

	if (error == 0)
		note(arena, run, 0, false, false);
	return error;
}

static int
put_memory(struct arena *arena, struct run run, int prot)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED |
		(prot != PROT_NONE ? MAP_POPULATE : 0);
	struct arena_page *page = &arena->pages[run.first];

	if (mmap(pointer(arena, run), run.n * ARENA_PAGE, prot, flags, -1, 0) == MAP_FAILED)
		return errno;
	for (; run.n > 0; run.n--, page++) {
		page->memory = ++arena->last;
		page->is_hole = prot == PROT_NONE;
		page->is_locked = false;
	}
	return 0;
}

int
arena_replace(struct arena *arena, struct run run)
{
	return put_memory(arena, run, PROT_READ | PROT_WRITE);
}

/* Not munmap(), since another thread might put its memory there. Devices get EFAULT alike. */
int
arena_punch(struct arena *arena, struct run run)
{
	return put_memory(arena, run, PROT_NONE);
}

static int
clear_piece(struct arena *arena, struct run piece)
{
	return arena->pages[piece.first].is_heap ? arena_heap_remove(arena, piece) :
		arena_unregister(arena, piece);
}

int
arena_clear(struct arena *arena)
{
	unsigned int i;
	int error = 0;

	for (i = 0; i < ARENA_PAGES && error == 0; i++)
		if (arena->pages[i].registration != 0)
			error = clear_piece(arena, arena_piece(arena, i));
	if (error == 0 && arena->heap)
		error = arena_heap_destroy(arena);
	return error != 0 ? error : arena_replace(arena, (struct run){0, ARENA_PAGES});
}
