/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vma.c: each kind of memory that cannot be pinned, made with the real kernel; but for a BAR, which
 * the lab has (test-refusals.sh).
 */
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "vma.h"

#define PAGES 4

static char path[] = "/tmp/test_vma.XXXXXX";
static int file;
static size_t page;

/* PAGES pages of which each test replaces some. */
static char *
make(void)
{
	char *p = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

static void
free_pages(char *p)
{
	munmap(p, PAGES * page);
}

/* The description of all pages is that of page first to last, with these words. */
static void
check(char *p, int first, int last, const char *perms, const char *words)
{
	char got[DMAMAP_VMA_TEXT], wanted[64];

	dmamap_vma_explain((uintptr_t)p, PAGES * page, true, got);
	snprintf(wanted, sizeof(wanted), "%#" PRIxPTR "-%#" PRIxPTR "%s%s",
		(uintptr_t)p + first * page, (uintptr_t)p + (last + 1) * page,
		perms[0] == '\0' ? "" : " (", perms);
	if (strncmp(got, wanted, strlen(wanted)) != 0)
		fail_msg("got: %s\nwanted: %s", got, wanted);
	assert_non_null(strstr(got, words));
	free_pages(p);
}

static void
good_memory_has_no_description(void **state)
{
	char *p = make(), got[DMAMAP_VMA_TEXT] = "?";

	dmamap_vma_explain((uintptr_t)p, PAGES * page, true, got);
	assert_string_equal(got, "");
	dmamap_vma_explain((uintptr_t)p + 1, 1, true, got);
	assert_string_equal(got, "");
	assert_ptr_not_equal(mmap(p + page, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file,
		0), MAP_FAILED);
	dmamap_vma_explain((uintptr_t)p, PAGES * page, true, got);
	assert_string_equal(got, "");
	free_pages(p);
}

static void
hole(void **state)
{
	char *p = make();

	munmap(p + page, page);
	check(p, 1, 1, "", " is not mapped");
	p = make();
	munmap(p, 2 * page);
	check(p, 0, 1, "", " is not mapped");
}

/* Where no VMA follows. */
static void
beyond_the_address_space(void **state)
{
	char got[DMAMAP_VMA_TEXT];

	dmamap_vma_explain(UINT64_C(0xffffffffffff0000), 0x1000, true, got);
	assert_string_equal(got, "0xffffffffffff0000-0xffffffffffff1000 is not mapped");
}

static void
protections(void **state)
{
	char *p = make();

	mprotect(p + 2 * page, page, PROT_NONE);
	check(p, 2, 2, "---p)", "is not accessible");
	p = make();
	mprotect(p + 3 * page, page, PROT_READ);
	check(p, 3, 3, "r--p)", "is read-only");
}

static void
read_only_shared_file(void **state)
{
	char *p = make();

	assert_ptr_not_equal(mmap(p, page, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0), MAP_FAILED);
	check(p, 0, 0, "r--s /tmp/test_vma.", "is a read-only shared mapping");
}

/* A device that does not write. */
static void
memory_to_read(void **state)
{
	char *p = make(), got[DMAMAP_VMA_TEXT] = "?";

	assert_ptr_not_equal(mmap(p, page, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0), MAP_FAILED);
	mprotect(p + page, page, PROT_READ);
	dmamap_vma_explain((uintptr_t)p, PAGES * page, false, got);
	assert_string_equal(got, "");
	mprotect(p + 2 * page, page, PROT_NONE);
	dmamap_vma_explain((uintptr_t)p, PAGES * page, false, got);
	assert_non_null(strstr(got, "(---p) is not accessible"));
	free_pages(p);
}

static void
end_of_the_file(void **state)
{
	char *p = make();

	assert_ptr_not_equal(mmap(p, PAGES * page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		file, 0), MAP_FAILED);
	check(p, 2, 3, "rw-s /tmp/test_vma.", "is beyond the end of its file");
	p = make();
	assert_ptr_not_equal(mmap(p + 2 * page, page, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_FIXED, file, 2 * page), MAP_FAILED);
	check(p, 2, 2, "rw-p /tmp/test_vma.", "is beyond the end of its file");
}

/* The first one is named. */
static void
several_bad_parts(void **state)
{
	char *p = make();

	munmap(p + 3 * page, page);
	mprotect(p + page, page, PROT_READ);
	check(p, 1, 1, "r--p)", "is read-only");
}

/* A page and a byte of the second: the rest of that page can be pinned. */
static int
set_up(void **state)
{
	page = sysconf(_SC_PAGESIZE);
	file = mkstemp(path);
	return file < 0 ? -1 : ftruncate(file, page + 1);
}

static char *
map_file(char *at, off_t offset, size_t pages)
{
	int fixed = at != NULL ? MAP_FIXED : 0;
	char *p = mmap(at, pages * page, PROT_READ | PROT_WRITE, MAP_SHARED | fixed, file, offset);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

static uint64_t
identity(const char *p, size_t len)
{
	uint64_t value = 0;

	assert_true(dmamap_vma_identify((uintptr_t)p, len, &value));
	return value;
}

/* As two processes may have it: at another address, and in other VMAs. */
static void
identity_is_of_the_memory(void **state)
{
	char *p, *q;

	assert_int_equal(ftruncate(file, PAGES * page), 0);
	p = map_file(NULL, 0, PAGES);
	q = map_file(NULL, 0, PAGES);
	assert_int_equal(identity(p, PAGES * page), identity(q, PAGES * page));
	mprotect(q + page, page, PROT_READ);
	assert_int_equal(identity(p, PAGES * page), identity(q, PAGES * page));
	assert_int_equal(identity(p + 3, 2 * page), identity(q + 3, 2 * page));
	assert_int_not_equal(identity(p, page), identity(p + page, page));
	assert_int_not_equal(identity(p, page), identity(p, page - 1));
	/* The first pages in another order. */
	map_file(q, page, 1);
	map_file(q + page, 0, 1);
	assert_int_not_equal(identity(p, PAGES * page), identity(q, PAGES * page));
	assert_int_equal(identity(p, page), identity(q + page, page));
	free_pages(p);
	free_pages(q);
}

static void
memory_that_is_not_shared_has_no_identity(void **state)
{
	char *p = make();
	uint64_t ignored;

	assert_false(dmamap_vma_identify((uintptr_t)p, page, &ignored));
	map_file(p, 0, 2);
	assert_true(dmamap_vma_identify((uintptr_t)p, 2 * page, &ignored));
	assert_false(dmamap_vma_identify((uintptr_t)p, 2 * page + 1, &ignored));
	munmap(p + page, page);
	assert_false(dmamap_vma_identify((uintptr_t)p, 2 * page, &ignored));
	assert_false(dmamap_vma_identify(1, 1, &ignored));
	free_pages(p);
}

static int
tear_down(void **state)
{
	close(file);
	return unlink(path);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_memory_has_no_description),
		cmocka_unit_test(hole),
		cmocka_unit_test(beyond_the_address_space),
		cmocka_unit_test(protections),
		cmocka_unit_test(read_only_shared_file),
		cmocka_unit_test(memory_to_read),
		cmocka_unit_test(end_of_the_file),
		cmocka_unit_test(several_bad_parts),
		cmocka_unit_test(identity_is_of_the_memory),
		cmocka_unit_test(memory_that_is_not_shared_has_no_identity),
	};

	return cmocka_run_group_tests_name("vma", tests, set_up, tear_down);
}
