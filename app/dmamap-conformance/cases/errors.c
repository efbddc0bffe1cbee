/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Cases about invalid calls, which must fail and change nothing.
 */
#include <string.h>
#include <sys/mman.h>

#include <rte_bus.h>
#include <rte_errno.h>

#include "on_vfio.h"
#include "suite.h"
#include "unclaimed.h"

static bool
expect_pins(struct test *t, const struct pins *then, const char *after)
{
	struct pins now = pins_read();
	long kb = pins_growth(then, &now);

	return test_check(t, kb <= 0, "after %s %ld kB more are pinned than before", after, kb);
}

static void
expect_errno(struct test *t, const char *call, struct outcome outcome)
{
	test_check(t, outcome.ret < 0 && outcome.error > 0, "%s: expected a negative value and a "
		"positive rte_errno, got %d and %d", call, outcome.ret, outcome.error);
}

/* Each error that a correct program can cause. */
void
case_errno_hygiene(struct test *t)
{
	struct memory *memory = test_memory(t, 8);
	struct span span, other;

	if (memory == NULL)
		return;
	span = test_pages(memory, 2, 2);
	other = test_pages(memory, 2, 0);
	expect_errno(t, "map of length 0", call_map(t->rig, &other));
	expect_errno(t, "unmap of length 0", call_unmap(t->rig, &other));
	expect_errno(t, "unmap of nothing", call_unmap(t->rig, &span));
	other.len = SIZE_MAX / memory_page() * memory_page();
	expect_errno(t, "map that wraps", call_map(t->rig, &other));
	expect_errno(t, "unmap that wraps", call_unmap(t->rig, &other));
	if (!must_map(t, span))
		return;
	other = test_pages(memory, 3, 2);
	expect_errno(t, "overlapping map", call_map(t->rig, &other));
	expect_errno(t, "overlapping unmap", call_unmap(t->rig, &other));
	other = test_pages(memory, 2, 1);
	expect_errno(t, "partial unmap", call_unmap(t->rig, &other));
	must_unmap(t, span);
	expect_errno(t, "second unmap", call_unmap(t->rig, &span));
	munmap(test_pages(memory, 4, 1).addr, memory_page());
	other = test_pages(memory, 0, 8);
	expect_errno(t, "map of memory with a hole", call_map(t->rig, &other));
	memory_replace(test_pages(memory, 4, 1).addr, memory_page());
}

void
case_len_zero(struct test *t)
{
	struct memory *memory = test_memory(t, 2);
	struct span none;

	if (memory == NULL)
		return;
	none = test_pages(memory, 0, 0);
	if (!must_not_map(t, none, ENOTSUP, EINVAL) || !must_not_unmap(t, none, ENOTSUP, EINVAL))
		return;
	if (!must_map(t, test_pages(memory, 0, 2)) || !must_not_unmap(t, none, ENOTSUP, EINVAL))
		return;
	if (must_read(t, test_pages(memory, 0, 2)))
		must_unmap(t, test_pages(memory, 0, 2));
}

void
case_unregistered(struct test *t)
{
	struct memory *memory = test_memory(t, 4);
	struct pins before;
	int ret;

	if (memory == NULL)
		return;
	ret = memory_unregister(memory);
	if (!test_check(t, ret == 0, "rte_extmem_unregister: %s", strerror(-ret)))
		return;
	before = pins_read();
	if (must_not_map(t, test_pages(memory, 0, 4), EINVAL, 0) &&
			expect_pins(t, &before, "the refusal"))
		must_not_read(t, test_pages(memory, 0, 4));
}

void
case_end_beyond_extmem(struct test *t)
{
	struct memory *memory = test_memory(t, 8);
	struct pins before;
	struct span tail;

	if (memory == NULL)
		return;
	/* The last four pages stay mapped in the process, but are no longer registered. */
	tail = test_pages(memory, 4, 4);
	if (!test_check(t, memory_unregister(memory) == 0, "rte_extmem_unregister failed"))
		return;
	memory->len = 4 * memory_page();
	if (!test_check(t, memory_register(memory) == 0, "rte_extmem_register failed"))
		return;
	before = pins_read();
	if (must_not_map(t, test_pages(memory, 0, 8), EINVAL, 0) &&
			must_not_map(t, test_pages(memory, 3, 2), EINVAL, 0) &&
			expect_pins(t, &before, "the refusal"))
		must_not_read(t, test_pages(memory, 0, 1));
	test_clean(t);
	munmap(tail.addr, tail.len);
}

void
case_wrap(struct test *t)
{
	struct memory *memory = test_memory(t, 4);
	struct span span;

	if (memory == NULL)
		return;
	span = test_pages(memory, 1, 1);
	span.len = -(uintptr_t)span.addr; /* to the end of the address space, and one page more */
	span.len += memory_page();
	if (!must_not_map(t, span, EINVAL, 0) || !must_not_unmap(t, span, EINVAL, 0))
		return;
	span.len = SIZE_MAX / memory_page() * memory_page();
	if (must_not_map(t, span, EINVAL, 0))
		must_not_read(t, test_pages(memory, 1, 1));
}

/* Maps the first n pages, of which page at is missing. */
static bool
map_over_hole(struct test *t, const struct memory *memory, size_t n, size_t at)
{
	struct span hole = test_pages(memory, at, 1);
	struct pins before = pins_read();
	bool good;

	munmap(hole.addr, hole.len);
	good = must_not_map(t, test_pages(memory, 0, n), EFAULT, 0) &&
		expect_pins(t, &before, "the refusal") &&
		must_not_read(t, test_pages(memory, at == 0 ? 1 : 0, 1));
	if (!good)
		test_note(t, "page %zu of %zu was missing", at, n);
	return test_check(t, memory_replace(hole.addr, hole.len) == 0,
		"the hole cannot be filled again") && good;
}

void
case_hole_in_va(struct test *t)
{
	struct memory *memory = test_memory(t, 16);
	size_t n;

	for (n = 8; memory != NULL && n <= 16; n += 4)
		if (!map_over_hole(t, memory, n, 1) || !map_over_hole(t, memory, n, n / 2) ||
				!map_over_hole(t, memory, n, n - 1))
			return;
	if (memory != NULL && must_map(t, test_pages(memory, 0, 16)) &&
			must_read(t, test_pages(memory, 0, 16)))
		must_unmap(t, test_pages(memory, 0, 16));
}

void
case_read_only_va(struct test *t)
{
	struct memory *memory = test_memory(t, 4);
	struct pins before = pins_read();

	if (memory == NULL)
		return;
	mprotect(memory->addr, memory->len, PROT_READ);
	if (must_not_map(t, test_pages(memory, 0, 4), EFAULT, 0))
		expect_pins(t, &before, "the refusal");
	mprotect(memory->addr, memory->len, PROT_READ | PROT_WRITE);
	if (t->verdict == VERDICT_OK)
		must_not_read(t, test_pages(memory, 0, 4));
}

/* A device of the PCI bus without a DPDK driver; on vfio-pci or not. */
static struct rte_device *
find_idle(bool vfio, char *name, size_t size)
{
	struct rte_device *dev, *found = NULL;
	struct rte_dev_iterator it;

	RTE_DEV_FOREACH(dev, "bus=pci", &it) {
		if (found == NULL && !rte_dev_is_probed(dev) &&
				on_vfio(rte_dev_name(dev)) == vfio) {
			found = dev;
			snprintf(name, size, "%s", rte_dev_name(dev));
		}
	}
	return found;
}

static void
try_idle(struct test *t, bool vfio, int error, const char *missing)
{
	struct memory *memory = test_memory(t, 2);
	struct rig *real = t->rig;
	struct rig idle = {0};

	idle.dev = find_idle(vfio, idle.name, sizeof(idle.name));
	if (memory == NULL)
		return;
	if (idle.dev == NULL) {
		test_skip(t, "no device that %s: add one by -a", missing);
		return;
	}
	t->rig = &idle;
	error = unclaimed_error(idle.dev, error);
	must_not_map(t, test_pages(memory, 0, 2), error, 0);
	must_not_unmap(t, test_pages(memory, 0, 2), error, error == EINVAL ? ENOENT : 0);
	t->rig = real;
}

void
case_not_probed(struct test *t)
{
	try_idle(t, true, EINVAL, "is on vfio-pci and has no DPDK driver");
}

void
case_no_backend(struct test *t)
{
	try_idle(t, false, ENOTSUP, "is neither on vfio-pci nor has a DPDK driver");
}

/* The MSI window of x86, which no IOMMU translates. */
#define INTERRUPTS 0xfee00000

void
case_reserved_iova(struct test *t)
{
#ifdef RTE_ARCH_X86
	struct memory *memory = test_memory(t, 1);
	struct span span;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, 1);
	span.iova = INTERRUPTS;
	must_not_map(t, span, EINVAL, 0);
#else
	test_skip(t, "reserved IOVAs are known for x86 only");
#endif
}
