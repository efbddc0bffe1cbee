/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "memkind.h"

static int fd; /* of the last dma-buf */

static void
check_usable(enum memkind kind)
{
	size_t page = memkind_page_size(kind), len = page + 1;
	void *addr = NULL;
	char *bytes;

	assert_int_equal(memkind_alloc(kind, &len, &addr, &fd), 0);
	assert_int_equal(len, 2 * page);
	assert_int_equal(fd >= 0, kind == MEMKIND_DMABUF);
	assert_int_equal((uintptr_t)addr % page, 0);
	bytes = addr;
	assert_int_equal(bytes[0] | bytes[len - 1], 0);
	memset(addr, 0xa5, len);
	memkind_free(addr, len);
}

static void
base_pages_are_rounded_up_and_zeroed(void **state)
{
	check_usable(MEMKIND_ANON);
	check_usable(MEMKIND_MEMFD);
	check_usable(MEMKIND_FILE);
}

/*
 * Several, each at its own place; and where there is no place at all. 46 bits: AddressSanitizer needs
 * most of what is lower.
 */
static void
memory_below_a_limit(void **state)
{
	static const enum memkind kinds[] = {MEMKIND_ANON, MEMKIND_MEMFD, MEMKIND_ANON};
	void *addr[3] = {NULL};
	size_t len[3], i;

	memkind_keep_below(46);
	for (i = 0; i < 3; i++) {
		len[i] = 5 << 20;
		assert_int_equal(memkind_alloc(kinds[i], &len[i], &addr[i], &fd), 0);
		assert_true((uintptr_t)addr[i] + len[i] <= UINT64_C(1) << 46);
	}
	for (i = 0; i < 3; i++)
		memkind_free(addr[i], len[i]);
	memkind_keep_below(31);
	len[0] = (size_t)4 << 30;
	assert_int_equal(memkind_alloc(MEMKIND_ANON, &len[0], &addr[0], &fd), -EEXIST);
	memkind_keep_below(0);
	check_usable(MEMKIND_ANON);
}

static void
hugepages_are_given_or_enomem(void **state)
{
	size_t len = memkind_page_size(MEMKIND_HUGE);
	void *addr = NULL;
	int ret;

	assert_int_equal(len, 2 << 20);
	ret = memkind_alloc(MEMKIND_HUGE, &len, &addr, &fd);
	if (ret == 0)
		memkind_free(addr, len);
	else
		assert_int_equal(ret, -ENOMEM);
}

/* The CPU has the dma-buf at the address, and the descriptor is of it. */
static void
a_dma_buf_is_given_or_no_udmabuf(void **state)
{
	size_t page = memkind_page_size(MEMKIND_DMABUF), len = page;
	void *addr = NULL;
	char *other;
	int ret = memkind_alloc(MEMKIND_DMABUF, &len, &addr, &fd);

	if (ret != 0) {
		assert_int_equal(access("/dev/udmabuf", R_OK | W_OK), -1);
		assert_int_equal(ret, -errno);
		assert_null(addr);
		return;
	}
	other = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, 0);
	assert_true(other != MAP_FAILED);
	*(char *)addr = 42;
	assert_int_equal(*other, 42);
	munmap(other, len);
	memkind_free(addr, len);
	close(fd);
}

static void
errors_have_advice(void **state)
{
	assert_non_null(strstr(memkind_advice(MEMKIND_DMABUF, ENOENT), "modprobe udmabuf"));
	assert_non_null(strstr(memkind_advice(MEMKIND_DMABUF, EINVAL), "size_limit_mb"));
	assert_non_null(strstr(memkind_advice(MEMKIND_HUGE, ENOMEM), "nr_hugepages"));
	assert_non_null(strstr(memkind_advice(MEMKIND_ANON, EEXIST), "--address-bits"));
	assert_null(memkind_advice(MEMKIND_FILE, ENOENT));
	assert_null(memkind_advice(MEMKIND_ANON, ENOMEM));
}

static void
impossible_sizes_are_einval(void **state)
{
	size_t none = 0, huge = SIZE_MAX;
	void *addr = NULL;

	assert_int_equal(memkind_alloc(MEMKIND_ANON, &none, &addr, &fd), -EINVAL);
	assert_int_equal(memkind_alloc(MEMKIND_ANON, &huge, &addr, &fd), -EINVAL);
	assert_null(addr);
}

static void
file_without_a_directory_is_enoent(void **state)
{
	size_t len = 4096;
	void *addr = NULL;

	setenv("TMPDIR", "/nonexistent/directory", 1);
	assert_int_equal(memkind_alloc(MEMKIND_FILE, &len, &addr, &fd), -ENOENT);
	assert_null(addr);
	assert_int_equal(len, 4096);
	unsetenv("TMPDIR");
}

static void
file_leaves_no_name_behind(void **state)
{
	char dir[] = "/tmp/test_memkind.XXXXXX";
	size_t len = 4096;
	void *addr = NULL;

	assert_non_null(mkdtemp(dir));
	setenv("TMPDIR", dir, 1);
	assert_int_equal(memkind_alloc(MEMKIND_FILE, &len, &addr, &fd), 0);
	unsetenv("TMPDIR");
	assert_int_equal(rmdir(dir), 0);
	memkind_free(addr, len);
}

static void
unknown_name_is_einval(void **state)
{
	enum memkind kind;

	assert_int_equal(memkind_parse("", &kind), -EINVAL);
	assert_int_equal(memkind_parse("anonymous", &kind), -EINVAL);
	assert_int_equal(memkind_parse("memfd", &kind), 0);
	assert_int_equal(kind, MEMKIND_MEMFD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base_pages_are_rounded_up_and_zeroed),
		cmocka_unit_test(memory_below_a_limit),
		cmocka_unit_test(hugepages_are_given_or_enomem),
		cmocka_unit_test(a_dma_buf_is_given_or_no_udmabuf),
		cmocka_unit_test(errors_have_advice),
		cmocka_unit_test(impossible_sizes_are_einval),
		cmocka_unit_test(file_without_a_directory_is_enoent),
		cmocka_unit_test(file_leaves_no_name_behind),
		cmocka_unit_test(unknown_name_is_einval),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
