/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Cases about limits: of locked memory, and of the number of mappings.
 */
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <rte_random.h>

#include "suite.h"

#define MORE_KB 2048		/* what may be locked beyond what is */
#define LARGE ((size_t)16 << 20)
#define CHUNK_PAGES 16
#define MAX_CHUNKS 256

/* A limit on locked memory that holds for this thread, root or not. */
struct locked_limit {
	struct rlimit old;
	struct __user_cap_data_struct caps[2];
};

static struct __user_cap_header_struct cap_header = {.version = _LINUX_CAPABILITY_VERSION_3};

static int
set_ipc_lock(struct locked_limit *limit, bool allowed)
{
	struct __user_cap_data_struct caps[2];

	if (syscall(SYS_capget, &cap_header, limit->caps) != 0)
		return -errno;
	memcpy(caps, limit->caps, sizeof(caps));
	if (!allowed)
		caps[0].effective &= ~(1u << CAP_IPC_LOCK);
	else if (caps[0].permitted & (1u << CAP_IPC_LOCK))
		caps[0].effective |= 1u << CAP_IPC_LOCK;
	return syscall(SYS_capset, &cap_header, caps) == 0 ? 0 : -errno;
}

static int
limit_set(struct locked_limit *limit)
{
	struct pins pins = pins_read();
	rlim_t bytes = (rlim_t)(RTE_MAX(pins.pinned, pins.locked) + MORE_KB) << 10;
	struct rlimit new;
	int ret;

	if (getrlimit(RLIMIT_MEMLOCK, &limit->old) != 0)
		return -errno;
	new = (struct rlimit){bytes, limit->old.rlim_max};
	if (bytes > new.rlim_max)
		return -EPERM;
	ret = set_ipc_lock(limit, false);
	if (ret == 0 && setrlimit(RLIMIT_MEMLOCK, &new) != 0)
		ret = -errno;
	return ret;
}

static void
limit_lift(struct locked_limit *limit)
{
	setrlimit(RLIMIT_MEMLOCK, &limit->old);
	set_ipc_lock(limit, true);
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

void
case_large(struct test *t)
{
	struct memory *memory = is_counted(t) ? test_memory_of(t, MEMORY_ANON, LARGE) : NULL;
	size_t pages = LARGE / memory_page();
	struct locked_limit limit;
	int ret;

	if (memory == NULL)
		return;
	ret = limit_set(&limit);
	if (ret != 0) {
		test_skip(t, "RLIMIT_MEMLOCK cannot be set: %s", strerror(-ret));
		return;
	}
	if (must_not_map(t, test_pages(memory, 0, pages), ENOMEM, 0) &&
			must_map(t, test_pages(memory, 0, 16)) &&
			must_read(t, test_pages(memory, 0, 16)))
		must_unmap(t, test_pages(memory, 0, 16));
	limit_lift(&limit);
	if (t->verdict == VERDICT_OK && must_map(t, test_pages(memory, 0, pages)) &&
			must_read(t, test_pages(memory, 0, pages)))
		must_unmap(t, test_pages(memory, 0, pages));
}

/* Returns how many chunks were mapped before one was refused. */
static unsigned int
map_until_refused(struct test *t, const struct memory *memory)
{
	struct outcome outcome;
	struct span span;
	unsigned int n;

	for (n = 0; n < MAX_CHUNKS; n++) {
		span = test_pages(memory, (size_t)n * CHUNK_PAGES, CHUNK_PAGES);
		outcome = call_map(t->rig, &span);
		if (outcome.ret != 0)
			break;
	}
	if (test_check(t, n < MAX_CHUNKS, "%u mappings, far beyond the limit, and none was refused", n))
		test_check(t, outcome.ret < 0 && outcome.error == ENOMEM, "map beyond the limit: expected "
			"ENOMEM, got %d with rte_errno %d (%s)", outcome.ret, outcome.error,
			error_name(outcome.error));
	return n;
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
		if (!test_check(t, outcome.ret == 0, "unmap of chunk %u of %u: %d with rte_errno %d (%s)",
				i, n, outcome.ret, outcome.error, error_name(outcome.error)))
			t->spoilt = true;
	}
}

void
case_exhaustion(struct test *t)
{
	size_t len = MAX_CHUNKS * CHUNK_PAGES * memory_page();
	struct memory *memory = is_counted(t) ? test_memory_of(t, MEMORY_ANON, len) : NULL;
	struct locked_limit limit;
	unsigned int n, again = 0;
	int ret;

	if (memory == NULL)
		return;
	ret = limit_set(&limit);
	if (ret != 0) {
		test_skip(t, "RLIMIT_MEMLOCK cannot be set: %s", strerror(-ret));
		return;
	}
	n = map_until_refused(t, memory);
	if (n > 0 && t->verdict == VERDICT_OK)
		must_read(t, test_pages(memory, 0, CHUNK_PAGES));
	unmap_chunks(t, memory, n);
	if (t->verdict == VERDICT_OK) {
		again = map_until_refused(t, memory);
		unmap_chunks(t, memory, again);
	}
	limit_lift(&limit);
	test_check(t, t->verdict != VERDICT_OK || again >= n, "after all were unmapped only %u of %u "
		"could be mapped", again, n);
}
