/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * arena.h - some pages of this program, and what is known of each: its registration with EAL, its
 * heap, and which memory is there now. The functions make a change and check the result of EAL.
 * One thread.
 */
#ifndef SEQUENCES_ARENA_H
#define SEQUENCES_ARENA_H

#include <stdbool.h>
#include <stdint.h>

#define ARENA_PAGES 16u
#define ARENA_PAGE UINT64_C(4096)

struct arena_page {
	uint32_t registration;	/* a number that none had before; 0: EAL does not know the page */
	uint32_t memory;	/* likewise, of what is mapped there in this process */
	bool is_heap;
	bool has_iova;		/* in the heap: EAL maps it, at iova = va */
	bool is_hole;		/* munmap()ed */
	bool is_locked;		/* counted by the kernel, if memory is pinned by mlock() */
};

/* Pages first to first + n - 1. */
struct run {
	unsigned int first;
	unsigned int n;
};

struct arena {
	uint64_t base;
	uint32_t last;		/* number that was given to a registration or to memory */
	bool heap;		/* there is one */
	bool is_told;		/* EAL has memory events: what is removed from a heap is noticed */
	struct arena_page pages[ARENA_PAGES];
};

/* With pages before and after it that are not accessible. 0 or -errno. */
int arena_create(struct arena *arena);
void arena_destroy(struct arena *arena);

/* The pages that the bytes touch; false if some are outside. The range does not wrap. */
bool arena_run(const struct arena *arena, uint64_t addr, uint64_t len, struct run *run);

/* The page of an address in the arena. */
static inline struct arena_page *
arena_at(struct arena *arena, uint64_t addr)
{
	return &arena->pages[(addr - arena->base) / ARENA_PAGE];
}

/* The whole registration that the page is of; n is 0 if it has none. */
struct run arena_piece(const struct arena *arena, unsigned int page);

/* Whether the pages are all of this kind. */
bool arena_is_free(const struct arena *arena, struct run run);	/* EAL does not know them */
bool arena_is_whole(const struct arena *arena, struct run run);	/* no holes */
bool arena_has_heap(const struct arena *arena, struct run run);	/* some are in the heap */

/*
 * The changes. Each returns the errno of EAL, 0 for success, and notes what has changed then. The
 * arguments are such that only success is right, but where it says "refused".
 */
int arena_register(struct arena *arena, struct run run);	/* refused: once more */
int arena_unregister(struct arena *arena, struct run run);	/* refused: not a registration */
int arena_heap_create(struct arena *arena);			/* refused: there is one */
int arena_heap_destroy(struct arena *arena);			/* refused: none, or not empty */
int arena_heap_add(struct arena *arena, struct run run, bool with_iovas);
int arena_heap_remove(struct arena *arena, struct run run);
int arena_replace(struct arena *arena, struct run run);		/* new pages there */
int arena_punch(struct arena *arena, struct run run);		/* no pages there */

/* No heap, no registration, no hole. 0, or the first errno. */
int arena_clear(struct arena *arena);

#endif
