/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Cases about ranges that are adjacent, overlap, or share a VA or an IOVA.
 */
#include "port.h"
#include "suite.h"

/*
 * Far from all addresses that EAL or the kernel use, within the narrowest IOMMU's width, and below
 * the MSI window of x86.
 */
#define OTHER_IOVA UINT64_C(0x70000000)

void
case_alignment_sweep(struct test *t)
{
	static const size_t offsets[] = {0, 1, 2048, 4095};
	struct memory *memory = test_memory(t, 8);
	size_t page = memory_page(), n = 8 * RTE_DIM(offsets), i, k;
	struct pins before = pins_read();

	if (memory == NULL)
		return;
	for (i = 0; i < n; i++) {
		for (k = i + 1; k <= n; k++) {
			size_t from = i / RTE_DIM(offsets) * page + offsets[i % RTE_DIM(offsets)];
			size_t to = k / RTE_DIM(offsets) * page + offsets[k % RTE_DIM(offsets)];
			struct span span = test_pages(memory, 0, 0);
			bool aligned = (from | to) % page == 0;

			span.addr = (uint8_t *)span.addr + from;
			span.iova += from;
			span.len = to - from;
			if (t->rig->rules == RULES_VFIO && !aligned) {
				if (!must_not_map(t, span, EINVAL, 0))
					return;
				continue;
			}
			if (!must_map(t, span) || !must_unmap(t, span))
				return;
		}
	}
	struct pins after = pins_read();
	test_check(t, pins_growth(&before, &after) <= 0, "pinned memory grew during the sweep");
}

/* VFIO maps by IOVA, so one VA may be mapped at two: each of them leads to the memory. */
static void
alias_on_vfio(struct test *t, struct span a, struct span b)
{
	if (must_map(t, a) && must_map(t, b) && must_read(t, a) && must_read(t, b) &&
			must_unmap(t, a) && must_read(t, b) && must_not_read(t, a) &&
			must_unmap(t, b))
		must_not_read(t, b);
}

void
case_same_va_other_iova(struct test *t)
{
	struct memory *memory = test_memory(t, 4);
	struct span a, b;

	if (memory == NULL)
		return;
	a = b = test_pages(memory, 0, 4);
	b.iova = OTHER_IOVA;
	if (t->rig->rules == RULES_VFIO)
		alias_on_vfio(t, a, b);
	else if (must_map(t, a) && must_not_map(t, b, EEXIST, 0) && must_read(t, a))
		must_unmap(t, a);
}

void
case_same_iova_other_va(struct test *t)
{
	struct memory *memory = test_memory(t, 8);
	struct span a, b;

	if (memory == NULL)
		return;
	a = test_pages(memory, 0, 4);
	b = test_pages(memory, 4, 4);
	b.iova = a.iova;
	if (must_map(t, a) && must_not_map(t, b, EEXIST, 0) && must_read(t, a))
		must_unmap(t, a);
}

/* Each way to overlap [6, 10); each pair in both orders. */
void
case_overlap(struct test *t)
{
	static const struct {
		const char *name;
		size_t first, n;
	} shapes[] = {{"start", 4, 4}, {"end", 8, 4}, {"inside", 7, 2}, {"around", 4, 8}};
	struct memory *memory = test_memory(t, 16);
	unsigned int i;

	if (memory == NULL)
		return;
	for (i = 0; i < 2 * RTE_DIM(shapes); i++) {
		struct span fixed = test_pages(memory, 6, 4);
		struct span shape = test_pages(memory, shapes[i / 2].first, shapes[i / 2].n);
		struct span old = i % 2 == 0 ? fixed : shape;
		struct span new = i % 2 == 0 ? shape : fixed;

		if (!must_map(t, old) || !must_not_map(t, new, EEXIST, 0) ||
				!must_read(t, old) || !must_unmap(t, old)) {
			test_note(t, "failed with the overlap at the %s", shapes[i / 2].name);
			return;
		}
	}
}

/*
 * One read across the border of two mappings. QEMU's e1000e cannot send a buffer of two separate
 * physical pieces at all: a border within one mapping shows that.
 */
static void
read_across(struct test *t, const struct memory *memory, size_t border)
{
	struct span across = test_pages(memory, border, 0);

	across.addr = (uint8_t *)across.addr - 512;
	across.iova -= 512;
	across.len = 1024;
	must_read(t, across);
}

void
case_adjacent(struct test *t)
{
	struct memory huge;
	struct memory *memory;

	/* Pages of a hugepage are physically adjacent too. */
	if (memory_alloc(&huge, MEMORY_HUGE, 2 << 20) == 0) {
		memory_free(&huge);
		memory = test_memory_of(t, MEMORY_HUGE, 2 << 20);
	} else {
		memory = test_memory(t, 16);
	}
	if (memory == NULL)
		return;
	if (!must_map(t, test_pages(memory, 0, 4)) || !must_map(t, test_pages(memory, 4, 4)))
		return;
	if (!must_read(t, test_pages(memory, 0, 8)))
		return;
	read_across(t, memory, 4);
	if (t->verdict == VERDICT_OK && must_unmap(t, test_pages(memory, 0, 4)) &&
			must_not_read(t, test_pages(memory, 0, 4)) &&
			must_read(t, test_pages(memory, 4, 4)))
		must_unmap(t, test_pages(memory, 4, 4));
}
