/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pages.c of the porting guide's second example: random maps of three ports against the kernel's
 * pages, which have to be those of the ranges that are mapped, and each once; and a kernel that
 * refuses.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "pages.h"

#define PORTS 3
#define PAGES 12
#define RANGES 64 /* that are mapped at a time */
#define OPS 100000
#define ADDR (UINT64_C(1) << 40)
#define OTHER (UINT64_C(1) << 41) /* memory at another address, with the same IOVAs */

static struct vfio_pages_port ports[PORTS];

/* The kernel: the address that each page's IOVA leads to, 0 for none; and its next errors. */
static uint64_t kernel[PAGES];
static unsigned int n_calls, failing_call, failing_last; /* counted from 1; 0: none fails */

static uint64_t
page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

static bool
is_time_to_fail(void)
{
	n_calls++;
	return failing_call != 0 && n_calls >= failing_call &&
		(n_calls == failing_call || n_calls <= failing_last);
}

static unsigned int
first_page(const struct vfio_pages_range *pages)
{
	assert_int_equal(pages->iova % page_size(), 0);
	assert_int_equal(pages->addr % page_size(), 0);
	assert_int_equal(pages->len % page_size(), 0);
	assert_uint_in_range(pages->iova - ADDR, 0, PAGES * page_size() - pages->len);
	return (pages->iova - ADDR) / page_size();
}

int
vfio_pages_kernel_map(const struct vfio_pages_range *pages)
{
	const unsigned int first = first_page(pages), n = pages->len / page_size();
	unsigned int i;

	if (is_time_to_fail())
		return -EFAULT;
	for (i = 0; i < n; i++) {
		assert_int_equal(kernel[first + i], 0);
		kernel[first + i] = pages->addr + i * page_size();
	}
	return 0;
}

int
vfio_pages_kernel_unmap(const struct vfio_pages_range *pages)
{
	const unsigned int first = first_page(pages), n = pages->len / page_size();
	unsigned int i;

	if (is_time_to_fail())
		return -EIO;
	for (i = 0; i < n; i++) {
		assert_int_equal(kernel[first + i], pages->addr + i * page_size());
		kernel[first + i] = 0;
	}
	return 0;
}

/* What is mapped, by the results. */
struct live {
	struct vfio_pages_range range;
	unsigned int port, refs; /* refs 0: free */
};

static struct live lives[RANGES];

static struct live *
find_live(unsigned int port, const struct vfio_pages_range *range)
{
	unsigned int i;

	for (i = 0; i < RANGES; i++)
		if (lives[i].refs != 0 && lives[i].port == port &&
				lives[i].range.addr == range->addr &&
				lives[i].range.iova == range->iova &&
				lives[i].range.len == range->len)
			return &lives[i];
	return NULL;
}

static bool
overlaps(const struct vfio_pages_range *a, const struct vfio_pages_range *b)
{
	return a->addr < b->addr + b->len && b->addr < a->addr + a->len;
}

/* Whether the range overlaps one of the port in its bytes. */
static bool
is_taken(unsigned int port, const struct vfio_pages_range *range)
{
	unsigned int i;

	for (i = 0; i < RANGES; i++)
		if (lives[i].refs != 0 && lives[i].port == port &&
				overlaps(&lives[i].range, range))
			return true;
	return false;
}

static bool
has_page(const struct live *live, unsigned int page)
{
	const uint64_t begin = ADDR + page * page_size(), end = begin + page_size();

	return live->refs != 0 && live->range.iova < end &&
		begin < live->range.iova + live->range.len;
}

/* Whether a range of any port has one of its pages. */
static bool
shares_page(const struct vfio_pages_range *range)
{
	const struct live as_live = {.range = *range, .refs = 1};
	unsigned int page, i;

	for (page = 0; page < PAGES; page++)
		for (i = 0; has_page(&as_live, page) && i < RANGES; i++)
			if (has_page(&lives[i], page))
				return true;
	return false;
}

/* A page is in the kernel if a range has it, and only then; and leads to that memory. */
static void
check_kernel(void)
{
	unsigned int page, i;

	for (page = 0; page < PAGES; page++) {
		uint64_t wanted = 0;

		for (i = 0; i < RANGES; i++) {
			const struct vfio_pages_range *range = &lives[i].range;
			const uint64_t addr = range->addr - range->iova + ADDR + page * page_size();

			if (!has_page(&lives[i], page))
				continue;
			assert_true(wanted == 0 || wanted == addr);
			wanted = addr;
		}
		assert_int_equal(kernel[page], wanted);
	}
}

static struct vfio_pages_range
roll_range(void)
{
	const uint64_t half = page_size() / 2, units = 2 * PAGES;
	const uint64_t first = rand() % units, n = 1 + rand() % (units - first);
	const uint64_t base = rand() % 8 == 0 ? OTHER : ADDR;

	return (struct vfio_pages_range){base + first * half, ADDR + first * half, n * half};
}

static void
note_map(unsigned int port, const struct vfio_pages_range *range)
{
	struct live *live = find_live(port, range);
	unsigned int i;

	for (i = 0; live == NULL && i < RANGES; i++)
		if (lives[i].refs == 0)
			live = &lives[i];
	assert_non_null(live);
	live->range = *range;
	live->port = port;
	live->refs++;
}

static void
try_map(unsigned int port, const struct vfio_pages_range *range)
{
	const bool is_live = find_live(port, range) != NULL, taken = is_taken(port, range);
	const bool shares = shares_page(range);
	unsigned int i;
	int ret;

	ret = vfio_pages_map(&ports[port], range);
	/* The same range of another port is no conflict. */
	for (i = 0; i < PORTS; i++)
		if (!taken && find_live(i, range) != NULL)
			assert_int_equal(ret, 0);
	if (is_live || !shares)
		assert_int_equal(ret, 0);
	else if (taken)
		assert_int_equal(ret, -EEXIST);
	if (ret == 0)
		note_map(port, range);
	else
		assert_int_equal(ret, -EEXIST);
}

static void
try_unmap(unsigned int port, const struct vfio_pages_range *range)
{
	struct live *live = find_live(port, range);
	const int wanted = live != NULL ? 0 : is_taken(port, range) ? -EINVAL : -ENOENT;

	assert_int_equal(vfio_pages_unmap(&ports[port], range), wanted);
	if (live != NULL)
		live->refs--;
}

static int
tear_down(void **state)
{
	unsigned int i;

	for (i = 0; i < PORTS; i++)
		vfio_pages_end(&ports[i]);
	for (i = 0; i < RANGES; i++)
		lives[i].refs = 0;
	n_calls = failing_call = failing_last = 0;
	check_kernel();
	return 0;
}

static void
agrees_with_the_kernel(void **state)
{
	unsigned int i;

	srand(1);
	for (i = 0; i < OPS; i++) {
		struct vfio_pages_range range = roll_range();
		const struct live *live = &lives[rand() % RANGES];
		unsigned int port = rand() % PORTS;

		/* Often one that is mapped, for this port or for another. */
		if (rand() % 2 && live->refs != 0)
			range = live->range;
		if (rand() % 2)
			try_map(port, &range);
		else
			try_unmap(port, &range);
		check_kernel();
	}
}

static void
neighbours_share_a_page(void **state)
{
	const uint64_t page = page_size(), half = page / 2;
	const struct vfio_pages_range low = {ADDR, ADDR, page + half};
	const struct vfio_pages_range high = {ADDR + page + half, ADDR + page + half, half};

	try_map(0, &low);
	try_map(1, &high);
	assert_non_null(find_live(1, &high));
	try_unmap(0, &low);
	check_kernel(); /* the page of both stays */
	try_unmap(1, &high);
	check_kernel();
}

static void
a_refusal_changes_nothing(void **state)
{
	const uint64_t half = page_size() / 2;
	const struct vfio_pages_range range = {ADDR + half, ADDR + half, 3 * page_size()};
	unsigned int i;

	for (i = 1; i <= 3; i++) { /* head, tail, middle */
		n_calls = 0;
		failing_call = i;
		assert_int_equal(vfio_pages_map(&ports[0], &range), -EFAULT);
		check_kernel();
		failing_call = 0;
		try_map(0, &range);
		n_calls = 0;
		failing_call = i;
		assert_int_equal(vfio_pages_unmap(&ports[0], &range), -EIO);
		check_kernel();
		failing_call = 0;
		try_unmap(0, &range);
		check_kernel();
	}
}

/* Nor is what it has unmapped mapped again. */
static void
an_unmap_that_cannot_be_undone_is_repeated(void **state)
{
	const uint64_t half = page_size() / 2;
	const struct vfio_pages_range range = {ADDR + half, ADDR + half, 3 * page_size()};

	try_map(0, &range);
	n_calls = 0;
	failing_call = 2; /* the tail */
	failing_last = 3; /* the head again */
	assert_int_equal(vfio_pages_unmap(&ports[0], &range), -EIO);
	failing_call = 0;
	try_unmap(0, &range);
	check_kernel();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(agrees_with_the_kernel, tear_down),
		cmocka_unit_test_teardown(neighbours_share_a_page, tear_down),
		cmocka_unit_test_teardown(a_refusal_changes_nothing, tear_down),
		cmocka_unit_test_teardown(an_unmap_that_cannot_be_undone_is_repeated, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
