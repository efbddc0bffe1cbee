/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Cases about limits: of locked memory, and of the number of mappings.
 */
#include <linux/capability.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "error_name.h"
#include "suite.h"

#define MORE_KB 2048		/* kB that may be locked beyond the present amount */
#define LARGE ((size_t)16 << 20)
#define CHUNK_PAGES 16
#define MAX_CHUNKS 256
#define MAX_ENTRIES 2048u
#define ENTRY_LIMIT "/sys/module/vfio_iommu_type1/parameters/dma_entry_limit"

/*
 * A body under a limit on locked memory that also applies to root. It runs in its own thread, since
 * the kernel refuses RDMA (EACCES) to a thread that has changed its capabilities, even after it
 * restored them.
 */
struct limited {
	struct test *t;
	const struct memory *memory;
	void (*body)(struct limited *limited);
	bool is_last;		/* the body runs even if the limit is too low for it */
	bool has_run;
	unsigned int n;		/* counted by the body */
	int ret;
};

static int
drop_ipc_lock(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct caps[2];

	if (syscall(SYS_capget, &header, caps) != 0)
		return -errno;
	caps[0].effective &= ~(1u << CAP_IPC_LOCK);
	return syscall(SYS_capset, &header, caps) == 0 ? 0 : -errno;
}

static bool
fits(const struct limited *limited)
{
	const struct span span = test_pages(limited->memory, 0, CHUNK_PAGES);

	return call_map(limited->t->rig, &span).ret == 0 &&
		call_unmap(limited->t->rig, &span).ret == 0;
}

static void *
run_body(void *arg)
{
	struct limited *limited = arg;

	limited->ret = drop_ipc_lock();
	limited->has_run = limited->ret == 0 && (limited->is_last || fits(limited));
	if (limited->has_run)
		limited->body(limited);
	return NULL;
}

/* The body, if a chunk can be mapped with so many kB, and MORE_KB. */
static void
run_within(struct limited *limited, unsigned long kb)
{
	rlim_t bytes = (rlim_t)(kb + MORE_KB) << 10;
	struct rlimit old, new;
	pthread_t thread;

	limited->ret = -EPERM;
	getrlimit(RLIMIT_MEMLOCK, &old);
	new = (struct rlimit){bytes, old.rlim_max};
	if (bytes > old.rlim_max || setrlimit(RLIMIT_MEMLOCK, &new) != 0)
		return;
	if (pthread_create(&thread, NULL, run_body, limited) == 0)
		pthread_join(thread, NULL);
	setrlimit(RLIMIT_MEMLOCK, &old);
}

/*
 * False, and the case is skipped, if the limit cannot be set. What the kernel compares with it
 * depends on the device: VmLck, VmPin, or, for /dev/iommu, a number of the user that is not to be
 * seen, and that has nothing of what was mapped with CAP_IPC_LOCK. The lowest limit that is high
 * enough tells.
 */
static bool
run_limited(struct limited *limited)
{
	const struct pins pins = pins_read();
	const unsigned long kb[] = {
		0, RTE_MIN(pins.pinned, pins.locked), RTE_MAX(pins.pinned, pins.locked)};
	unsigned int i;

	limited->has_run = false;
	limited->ret = 0;
	for (i = 0; i < RTE_DIM(kb) && limited->ret == 0 && !limited->has_run; i++) {
		limited->is_last = i == RTE_DIM(kb) - 1;
		run_within(limited, kb[i]);
	}
	if (limited->ret != 0)
		test_skip(limited->t, "no limit on locked memory can be set: %s",
			strerror(-limited->ret));
	return limited->ret == 0;
}

/* Whether the kernel counts the memory that this device pins. */
static bool
is_counted(struct test *t)
{
	struct memory *memory = test_memory(t, 64);
	struct pins before = pins_read(), after;

	if (memory == NULL || !must_map(t, test_pages(memory, 0, 64)))
		return false;
	after = pins_read();
	if (!must_unmap(t, test_pages(memory, 0, 64)))
		return false;
	if (pins_growth(&before, &after) >= 64 * 4)
		return true;
	test_skip(t, "the kernel does not count the memory that the device pins (VmPin, VmLck): no "
		"limit");
	return false;
}

static void
map_large(struct limited *limited)
{
	if (must_not_map(
		    limited->t, test_pages(limited->memory, 0, LARGE / memory_page()), ENOMEM, 0))
		must_map(limited->t, test_pages(limited->memory, 0, CHUNK_PAGES));
}

void
case_large(struct test *t)
{
	struct limited limited = {.t = t, .body = map_large};
	struct span small, large;

	limited.memory = is_counted(t) ? test_memory_of(t, MEMORY_ANON, LARGE) : NULL;
	if (limited.memory == NULL || !run_limited(&limited) || t->verdict != VERDICT_OK)
		return;
	small = test_pages(limited.memory, 0, CHUNK_PAGES);
	large = test_pages(limited.memory, 0, LARGE / memory_page());
	if (must_read(t, small) && must_unmap(t, small) && must_map(t, large) &&
			must_read(t, large))
		must_unmap(t, large);
}

/* n ranges of pages pages each, at intervals of stride pages. */
struct series {
	const struct memory *memory;
	size_t pages, stride;
	unsigned int n;
};

static struct series
chunks_of(const struct memory *memory)
{
	return (struct series){memory, CHUNK_PAGES, CHUNK_PAGES, MAX_CHUNKS};
}

/* Every other page, so that ranges cannot be merged. */
static struct series
entries_of(const struct memory *memory)
{
	return (struct series){memory, 1, 2, MAX_ENTRIES};
}

static struct span
range_of(const struct series *series, unsigned int i)
{
	return test_pages(series->memory, i * series->stride, series->pages);
}

/* Maps range after range until one fails, which must happen. Returns the number of mappings. */
static unsigned int
map_until_refused(struct test *t, const struct series *series)
{
	struct outcome outcome = {0, 0};
	struct span span;
	unsigned int n;

	for (n = 0; n < series->n; n++) {
		span = range_of(series, n);
		outcome = call_map(t->rig, &span);
		if (outcome.ret != 0)
			break;
	}
	if (test_check(t, n < series->n, "%u mappings, far beyond the limit, and none was refused",
		    n))
		test_check(t, outcome.ret < 0 && outcome.error == ENOMEM,
			"map beyond the limit, after %u mappings: expected ENOMEM, got %d with "
			"rte_errno %d (%s)", n, outcome.ret, outcome.error,
			error_name(outcome.error));
	return n;
}

static void
unmap_first(struct test *t, const struct series *series, unsigned int n)
{
	struct outcome outcome;
	struct span span;
	unsigned int i;

	for (i = 0; i < n; i++) {
		span = range_of(series, i);
		outcome = call_unmap(t->rig, &span);
		if (!test_check(t, outcome.ret == 0,
			    "unmap of mapping %u of %u: %d with rte_errno %d (%s)", i, n,
			    outcome.ret, outcome.error, error_name(outcome.error)))
			t->spoilt = true;
	}
}

static void
map_chunks(struct limited *limited)
{
	struct series chunks = chunks_of(limited->memory);

	limited->n = map_until_refused(limited->t, &chunks);
}

void
case_exhaustion(struct test *t)
{
	size_t len = MAX_CHUNKS * CHUNK_PAGES * memory_page();
	struct limited limited = {.t = t, .body = map_chunks};
	struct series chunks;
	unsigned int first;

	limited.memory = is_counted(t) ? test_memory_of(t, MEMORY_ANON, len) : NULL;
	if (limited.memory == NULL || !run_limited(&limited))
		return;
	chunks = chunks_of(limited.memory);
	first = limited.n;
	if (first > 0 && t->verdict == VERDICT_OK)
		must_read(t, test_pages(limited.memory, 0, CHUNK_PAGES));
	unmap_first(t, &chunks, first);
	limited.n = 0;
	if (t->verdict != VERDICT_OK || !run_limited(&limited))
		return;
	unmap_first(t, &chunks, limited.n);
	test_check(t, limited.n >= first,
		"after all were unmapped only %u of %u could be mapped again", limited.n, first);
}

/* The module's parameter, which applies to containers opened later. 0 if there is none. */
static unsigned int
read_entry_limit(void)
{
	FILE *f = fopen(ENTRY_LIMIT, "r");
	unsigned int limit = 0;

	if (f == NULL)
		return 0;
	if (fscanf(f, "%u", &limit) != 1)
		limit = 0;
	fclose(f);
	return limit;
}

void
case_entry_limit(struct test *t)
{
	unsigned int limit = read_entry_limit(), n;
	struct memory *memory;
	struct series entries;

	if (limit == 0 || limit >= MAX_ENTRIES) {
		test_skip(t, "VFIO's dma_entry_limit is %u: too many mappings to reach it", limit);
		return;
	}
	memory = test_memory_of(t, MEMORY_ANON, 2 * MAX_ENTRIES * memory_page());
	if (memory == NULL)
		return;
	entries = entries_of(memory);
	n = map_until_refused(t, &entries);
	if (n > 0 && t->verdict == VERDICT_OK)
		must_read(t, range_of(&entries, n - 1));
	unmap_first(t, &entries, n);
	if (t->verdict == VERDICT_OK && must_map(t, range_of(&entries, 0)))
		must_unmap(t, range_of(&entries, 0));
}
