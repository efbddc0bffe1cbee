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

#include "suite.h"

#define MORE_KB 2048		/* what may be locked beyond what is */
#define LARGE ((size_t)16 << 20)
#define CHUNK_PAGES 16
#define MAX_CHUNKS 256
#define MAX_ENTRIES 2048u
#define ENTRY_LIMIT "/sys/module/vfio_iommu_type1/parameters/dma_entry_limit"

/*
 * A body under a limit on locked memory that holds for root too. It runs in a thread of its own,
 * since the kernel refuses RDMA to a thread that has changed its capabilities (EACCES), even after
 * it got them back.
 */
struct limited {
	struct test *t;
	const struct memory *memory;
	void (*body)(struct limited *limited);
	unsigned int n;		/* what the body counted */
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

static void *
run_body(void *arg)
{
	struct limited *limited = arg;

	limited->ret = drop_ipc_lock();
	if (limited->ret == 0)
		limited->body(limited);
	return NULL;
}

/* False, and the case is skipped, where the limit cannot be set. */
static bool
run_limited(struct limited *limited)
{
	struct pins pins = pins_read();
	rlim_t bytes = (rlim_t)(RTE_MAX(pins.pinned, pins.locked) + MORE_KB) << 10;
	struct rlimit old, new;
	pthread_t thread;

	limited->ret = -EPERM;
	getrlimit(RLIMIT_MEMLOCK, &old);
	new = (struct rlimit){bytes, old.rlim_max};
	if (bytes <= old.rlim_max && setrlimit(RLIMIT_MEMLOCK, &new) == 0) {
		if (pthread_create(&thread, NULL, run_body, limited) == 0)
			pthread_join(thread, NULL);
		setrlimit(RLIMIT_MEMLOCK, &old);
	}
	if (limited->ret != 0)
		test_skip(limited->t, "no limit on locked memory can be set: %s",
			strerror(-limited->ret));
	return limited->ret == 0;
}

/* Whether the kernel counts what this device has pinned. */
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
	test_skip(t, "the kernel does not count what the device pins (VmPin, VmLck): no limit to "
		"meet");
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

/* Counts how many chunks were mapped before one was refused. */
static void
map_until_refused(struct limited *limited)
{
	struct outcome outcome = {0, 0};
	struct test *t = limited->t;
	struct span span;
	unsigned int n;

	for (n = 0; n < MAX_CHUNKS; n++) {
		span = test_pages(limited->memory, (size_t)n * CHUNK_PAGES, CHUNK_PAGES);
		outcome = call_map(t->rig, &span);
		if (outcome.ret != 0)
			break;
	}
	if (test_check(t, n < MAX_CHUNKS, "%u mappings, far beyond the limit, and none was refused",
		    n))
		test_check(t, outcome.ret < 0 && outcome.error == ENOMEM,
			"map beyond the limit: expected "
			"ENOMEM, got %d with rte_errno %d (%s)",
			outcome.ret, outcome.error, error_name(outcome.error));
	limited->n = n;
}

static void
unmap_chunks(struct test *t, const struct memory *memory, unsigned int n)
{
	struct outcome outcome;
	struct span span;
	unsigned int i;

	for (i = 0; i < n; i++) {
		span = test_pages(memory, (size_t)i * CHUNK_PAGES, CHUNK_PAGES);
		outcome = call_unmap(t->rig, &span);
		if (!test_check(t, outcome.ret == 0,
			    "unmap of chunk %u of %u: %d with rte_errno %d (%s)", i, n, outcome.ret,
			    outcome.error, error_name(outcome.error)))
			t->spoilt = true;
	}
}

void
case_exhaustion(struct test *t)
{
	size_t len = MAX_CHUNKS * CHUNK_PAGES * memory_page();
	struct limited limited = {.t = t, .body = map_until_refused};
	unsigned int first;

	limited.memory = is_counted(t) ? test_memory_of(t, MEMORY_ANON, len) : NULL;
	if (limited.memory == NULL || !run_limited(&limited))
		return;
	first = limited.n;
	if (first > 0 && t->verdict == VERDICT_OK)
		must_read(t, test_pages(limited.memory, 0, CHUNK_PAGES));
	unmap_chunks(t, limited.memory, first);
	limited.n = 0;
	if (t->verdict != VERDICT_OK || !run_limited(&limited))
		return;
	unmap_chunks(t, limited.memory, limited.n);
	test_check(t, limited.n >= first, "after all were unmapped only %u of %u could be mapped",
		limited.n, first);
}

/* That of a container is what this was when the container was opened. 0 if there is none. */
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

/* Every other page, so that nobody can merge them. */
static struct span
entry(const struct memory *memory, unsigned int i)
{
	return test_pages(memory, (size_t)2 * i, 1);
}

static unsigned int
map_entries(struct test *t, const struct memory *memory)
{
	struct outcome outcome = {0, 0};
	struct span span;
	unsigned int n;

	for (n = 0; n < MAX_ENTRIES; n++) {
		span = entry(memory, n);
		outcome = call_map(t->rig, &span);
		if (outcome.ret != 0)
			break;
	}
	test_check(t, outcome.ret < 0 && outcome.error == ENOMEM,
		"after %u mappings: expected ENOMEM, "
		"got %d with rte_errno %d (%s)",
		n, outcome.ret, outcome.error, error_name(outcome.error));
	return n;
}

static void
unmap_entries(struct test *t, const struct memory *memory, unsigned int n)
{
	struct outcome outcome;
	struct span span;
	unsigned int i;

	for (i = 0; i < n; i++) {
		span = entry(memory, i);
		outcome = call_unmap(t->rig, &span);
		if (!test_check(t, outcome.ret == 0,
			    "unmap of mapping %u of %u: %d with rte_errno %d (%s)", i, n,
			    outcome.ret, outcome.error, error_name(outcome.error)))
			t->spoilt = true;
	}
}

void
case_entry_limit(struct test *t)
{
	unsigned int limit = read_entry_limit(), n;
	struct memory *memory;

	if (limit == 0 || limit >= MAX_ENTRIES) {
		test_skip(t, "VFIO's dma_entry_limit is %u: too many mappings to meet it", limit);
		return;
	}
	memory = test_memory_of(t, MEMORY_ANON, 2 * MAX_ENTRIES * memory_page());
	if (memory == NULL)
		return;
	n = map_entries(t, memory);
	if (n > 0 && t->verdict == VERDICT_OK)
		must_read(t, entry(memory, n - 1));
	unmap_entries(t, memory, n);
	if (t->verdict == VERDICT_OK && must_map(t, entry(memory, 0)))
		must_unmap(t, entry(memory, 0));
}
