/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Locked memory, as the kernel counts it; in a child process without the right to exceed the limit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/pages.h"
#include "memory/pins.h"

#define PAGES 64u

/* In pages; or -1. */
static long
locked(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	char line[256];
	long kib = -1;

	while (status != NULL && fgets(line, sizeof(line), status) != NULL)
		if (sscanf(line, "VmLck: %ld kB", &kib) == 1)
			break;
	if (status != NULL)
		fclose(status);
	return kib < 0 ? -1 : kib * 1024 / HCA_PAGE;
}

static uint8_t *
pages(void)
{
	uint8_t *mem = hca_pages_alloc(PAGES * HCA_PAGE);

	assert_non_null(mem);
	return mem;
}

static void
every_touched_page(void **state)
{
	long before = locked();
	uint8_t *mem = pages();

	assert_int_equal(hca_pins_add(mem + HCA_PAGE - 1, 2), 0);
	assert_int_equal(locked(), before + 2);
	hca_pins_remove(mem + HCA_PAGE - 1, 2);
	assert_int_equal(locked(), before);
	hca_pages_free(mem, PAGES * HCA_PAGE);
}

static void
shared_pages_until_the_last(void **state)
{
	long before = locked();
	uint8_t *mem = pages();

	assert_int_equal(hca_pins_add(mem, 4 * HCA_PAGE), 0);
	assert_int_equal(hca_pins_add(mem + 2 * HCA_PAGE, 4 * HCA_PAGE), 0);
	assert_int_equal(locked(), before + 6);
	hca_pins_remove(mem, 4 * HCA_PAGE);
	assert_int_equal(locked(), before + 4);
	hca_pins_remove(mem + 2 * HCA_PAGE, 4 * HCA_PAGE);
	assert_int_equal(locked(), before);
	hca_pages_free(mem, PAGES * HCA_PAGE);
}

static void
many_are_added_and_removed(void **state)
{
	const uint32_t count = 1000;
	uint8_t *mem = hca_pages_alloc((size_t)count * HCA_PAGE);
	long before = locked();
	uint32_t i;

	for (i = 0; i < count; i++)
		assert_int_equal(hca_pins_add(mem + (size_t)i * HCA_PAGE, HCA_PAGE), 0);
	assert_int_equal(locked(), before + count);
	for (i = 0; i < count; i++)
		hca_pins_remove(mem + (size_t)i * HCA_PAGE, HCA_PAGE);
	assert_int_equal(locked(), before);
	hca_pages_free(mem, (size_t)count * HCA_PAGE);
}

/* 0 if the limit was met and nothing stayed locked; another number identifies the failed step. */
static int
run_into_limit(void)
{
	struct rlimit limit = {16 * HCA_PAGE, 16 * HCA_PAGE};
	uint8_t *mem = hca_pages_alloc(PAGES * HCA_PAGE);
	long before;

	if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0)
		return 1;
	if (geteuid() == 0 && setuid(65534) != 0)
		return 2;
	before = locked();
	if (hca_pins_add(mem, PAGES * HCA_PAGE) != -ENOMEM)
		return 3;
	if (locked() != before)
		return 4;
	return hca_pins_add(mem, 8 * HCA_PAGE) == 0 ? 0 : 5;
}

static void
the_limit_is_enomem_and_leaves_nothing(void **state)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(run_into_limit());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_touched_page),
		cmocka_unit_test(shared_pages_until_the_last),
		cmocka_unit_test(many_are_added_and_removed),
		cmocka_unit_test(the_limit_is_enomem_and_leaves_nothing),
	};
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && geteuid() != 0 && limit.rlim_cur < 5u << 20) {
		printf("1..0 # SKIP RLIMIT_MEMLOCK is too low here\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
