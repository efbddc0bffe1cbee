/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Cases about what a program does to the pages of mapped memory: munmap(), madvise(), mremap(),
 * mprotect(), fork(). A mapping is of pages, which it pins, and not of addresses: the device keeps
 * the pages that were there when the range was mapped.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

#define PAGES 64
#define TRIES 3 /* Ethernet may lose a frame */

/* Puts a new piece at addr. Returns its number. */
static uint64_t
put(struct test *t, void *addr)
{
	uint64_t seq = rig_next_seq();

	t->rig->ops->put(t->rig, addr, RIG_READ_MAX, seq);
	return seq;
}

/* Whether the device reads piece seq at the start of the span, into which nothing is put. */
static bool
reads(struct test *t, struct span span, uint64_t seq)
{
	enum moved moved;
	int tries = 0;

	span.len = RIG_READ_MAX;
	do
		moved = t->rig->ops->get(t->rig, &span, seq);
	while (moved == REFUSED && ++tries < TRIES);
	return moved == MOVED;
}

static bool
must_keep(struct test *t, struct span span, uint64_t old, uint64_t new, const char *after)
{
	return reads(t, span, old) ||
		test_check(t, false, "after %s the device reads %s at %p (iova %#jx)", after,
			reads(t, span, new) ? "the new pages" : "neither the old nor the new pages",
			span.addr, (uintmax_t)span.iova);
}

/*
 * Devices that do not pin, but follow the addresses (on-demand paging, emulation in the process),
 * are not judged: they access no page that the program does not have. pinned: the kernel counts the
 * old pages.
 */
static bool
keeps_pages(struct test *t, struct span span, uint64_t old, uint64_t new, bool pinned)
{
	if (reads(t, span, old))
		return true;
	if (pinned || !reads(t, span, new))
		return must_keep(t, span, old, new, "munmap() and mmap()");
	test_skip(t, "the device follows the addresses of the process: its mappings pin no pages");
	return false;
}

static bool
replace(struct test *t, struct span span)
{
	return test_check(t, memory_replace(span.addr, span.len) == 0, "mmap: %s", strerror(errno));
}

/* Maps memory, and gives its addresses other pages: those that it had are the device's. */
static bool
replace_mapped(struct test *t, struct span span)
{
	struct pins before = pins_read(), after;
	uint64_t old, new;

	if (!must_map(t, span))
		return false;
	old = put(t, span.addr);
	if (!replace(t, span))
		return false;
	after = pins_read();
	new = put(t, span.addr);
	return keeps_pages(t, span, old, new,
		pins_growth(&before, &after) >= (long)(span.len >> 10));
}

/* For the cases below, which assume it. */
static bool
pins_pages(struct test *t)
{
	struct memory *memory = test_memory(t, PAGES);

	return memory != NULL && replace_mapped(t, test_pages(memory, 0, PAGES)) &&
		must_unmap(t, test_pages(memory, 0, PAGES));
}

/* Unmap returns the old pages, and the next map is of the new ones. */
static void
map_anew(struct test *t, struct span span)
{
	if (must_unmap(t, span) && must_not_read(t, span) && must_map(t, span) &&
			must_read(t, span))
		must_unmap(t, span);
}

/* The memory stays registered, so that bus and driver do not notice: a further map is counted. */
void
case_pages_replaced(struct test *t)
{
	struct memory *memory = test_memory(t, PAGES);
	struct span span;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, PAGES);
	if (replace_mapped(t, span) && must_map(t, span) && must_unmap(t, span))
		map_anew(t, span);
}

static void
discard(struct test *t, enum memory_kind kind, int advice, const char *name)
{
	struct memory *memory = test_memory_of(t, kind, PAGES * memory_page());
	struct span span;
	uint64_t old, new;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, PAGES);
	if (!must_map(t, span))
		return;
	old = put(t, span.addr);
	if (!test_check(t, madvise(span.addr, span.len, advice) == 0, "%s: %s", name,
			strerror(errno)))
		return;
	test_check(t, *(volatile uint8_t *)span.addr == 0, "%s left the page", name);
	new = put(t, span.addr);
	if (must_keep(t, span, old, new, name))
		map_anew(t, span);
}

void
case_pages_discarded(struct test *t)
{
	if (!pins_pages(t))
		return;
	discard(t, MEMORY_ANON, MADV_DONTNEED, "MADV_DONTNEED");
	if (t->verdict == VERDICT_OK)
		discard(t, MEMORY_MEMFD, MADV_REMOVE, "MADV_REMOVE");
}

/* The device reads at the old address what the program writes at the new one. */
static void
read_moved(struct test *t, struct span span, void *moved)
{
	uint64_t old = put(t, moved), new;

	if (!replace(t, span))
		return;
	new = put(t, span.addr);
	if (must_keep(t, span, old, new, "mremap()") &&
		must_keep(t, span, put(t, moved), new, "mremap() and a write at the new address"))
		map_anew(t, span);
}

void
case_pages_moved(struct test *t)
{
	struct memory *memory = pins_pages(t) ? test_memory(t, PAGES) : NULL;
	struct span span;
	void *at, *moved;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, PAGES);
	at = mmap(NULL, span.len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!test_check(t, at != MAP_FAILED, "mmap: %s", strerror(errno)))
		return;
	if (must_map(t, span)) {
		moved = mremap(span.addr, span.len, span.len, MREMAP_MAYMOVE | MREMAP_FIXED, at);
		if (test_check(t, moved == at, "mremap: %s", strerror(errno)))
			read_moved(t, span, moved);
	}
	munmap(at, span.len);
}

/* Protection is of the program's accesses. A driver of a port may look at what it sends. */
void
case_pages_protected(struct test *t)
{
	int least = t->rig->ops == &rig_dma_ops ? PROT_NONE : PROT_READ;
	struct memory *memory = NULL;
	struct span span;
	uint64_t seq;

	if (pins_pages(t))
		memory = test_memory_of(t, MEMORY_ANON, RIG_WRITE_ROOM);
	if (memory == NULL)
		return;
	span = test_pages(memory, 0, memory->len / memory_page());
	if (!must_map(t, span))
		return;
	seq = put(t, span.addr);
	mprotect(span.addr, span.len, least);
	test_check(t, reads(t, span, seq), "the device does not read after mprotect(%s)",
		least == PROT_NONE ? "PROT_NONE" : "PROT_READ");
	mprotect(span.addr, span.len, PROT_READ);
	if (must_write(t, span))
		must_unmap(t, span);
	mprotect(span.addr, span.len, PROT_READ | PROT_WRITE);
}

enum child {
	CHILD_OK,
	CHILD_BAD,	/* it sees what the parent or the device wrote after fork() */
	CHILD_NONE,	/* it does not have the memory: MADV_DONTFORK */
};

struct kin {
	pid_t pid;
	int fd;		/* the parent writes a byte, or closes it */
};

static bool
has_memory(const struct span *span)
{
	unsigned char resident;

	return mincore(span->addr, memory_page(), &resident) == 0;
}

/* The child: its copy stays as it was, and what it writes is its own. */
static enum child
live(int fd, const struct span *span, const uint8_t *was)
{
	char byte;

	if (read(fd, &byte, 1) != 1)
		return CHILD_BAD;
	if (!has_memory(span))
		return CHILD_NONE;
	if (memcmp(span->addr, was, RIG_READ_MAX) != 0)
		return CHILD_BAD;
	memset(span->addr, 0x55, span->len);
	return CHILD_OK;
}

static bool
bear(struct test *t, const struct span *span, struct kin *kin)
{
	static uint8_t was[RIG_READ_MAX];
	int fds[2];

	if (!test_check(t, pipe(fds) == 0, "pipe: %s", strerror(errno)))
		return false;
	memcpy(was, span->addr, sizeof(was));
	kin->pid = fork();
	if (kin->pid == 0) {
		close(fds[1]);
		_exit(live(fds[0], span, was));
	}
	close(fds[0]);
	kin->fd = fds[1];
	return test_check(t, kin->pid > 0, "fork: %s", strerror(errno));
}

static void
part(struct test *t, struct kin *kin, const char *what)
{
	bool told = write(kin->fd, "", 1) == 1;
	int status = -1;

	close(kin->fd);
	if (kin->pid < 0 || waitpid(kin->pid, &status, 0) != kin->pid)
		return;
	if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_NONE)
		test_note(t, "a child does not have memory that is mapped: MADV_DONTFORK");
	else
		test_check(t, told && status == 0, "%s (status %#x)", what, (unsigned int)status);
}

/* Parent and device share the pages while a child lives; the parent is the first to write. */
void
case_fork_alive(struct test *t)
{
	struct memory *memory = test_memory_of(t, MEMORY_ANON, RIG_WRITE_ROOM);
	struct span span;
	struct kin kin;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, memory->len / memory_page());
	if (!must_map(t, span) || !must_read(t, span) || !bear(t, &span, &kin))
		return;
	if (must_read(t, span))
		must_write(t, span);
	part(t, &kin, "a child sees what parent and device wrote after fork()");
	if (t->verdict == VERDICT_OK && must_read(t, span))
		must_unmap(t, span);
}

/* Shared memory: the device reads what the child writes. */
void
case_fork_shared(struct test *t)
{
	struct memory *memory = test_memory_of(t, MEMORY_MEMFD, PAGES * memory_page());
	uint64_t seq = rig_next_seq();
	struct span span;
	int status = -1;
	pid_t pid;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, PAGES);
	if (!must_map(t, span) || !must_read(t, span))
		return;
	pid = fork();
	if (pid == 0) {
		if (!has_memory(&span))
			_exit(CHILD_NONE);
		t->rig->ops->put(t->rig, span.addr, RIG_READ_MAX, seq);
		_exit(CHILD_OK);
	}
	if (!test_check(t, pid > 0 && waitpid(pid, &status, 0) == pid, "fork: %s",
			strerror(errno)))
		return;
	if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_NONE)
		test_skip(t, "a child does not have memory that is mapped: MADV_DONTFORK");
	else
		test_check(t, status == 0 && reads(t, span, seq),
			"the device does not read what a child wrote into shared memory (status "
			"%#x)", (unsigned int)status);
	must_unmap(t, span);
}
