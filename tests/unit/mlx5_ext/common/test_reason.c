/* SPDX-License-Identifier: BSD-3-Clause */
/* reason.c on the real kernel. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/reason.h"
#include "vma.h"

static const char *
reason(int error, uintptr_t addr, size_t len)
{
	static char text[MLX5X_REASON_SIZE];

	mlx5x_reason_write(error, addr, len, true, text);
	return text;
}

static void
limits_are_named(void **state)
{
	const char *text = reason(-ENOMEM, 0x5000, 1);

	assert_ptr_equal(strstr(text, "Cannot allocate memory: RLIMIT_MEMLOCK"), text);
	assert_null(strstr(text, "max_map_count"));
}

static void
memory_is_named(void **state)
{
	char byte;

	assert_string_equal(reason(-EFAULT, 0x5000, 0x1000),
		"Bad address: 0x5000-0x6000 is not mapped");
	assert_string_equal(reason(-EFAULT, (uintptr_t)&byte, 1), "Bad address");
}

/* What the kernel refuses although it is readable, and what it would refuse anyway. */
static void
memory_to_read_is_explained(void **state)
{
	size_t page = sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, page, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char text[MLX5X_REASON_SIZE];

	assert_ptr_not_equal(p, MAP_FAILED);
	mlx5x_reason_write(-EFAULT, (uintptr_t)p, page, false, text);
	assert_string_equal(text, "Bad address: Linux before 6.2 registers memory without "
		"PROT_WRITE only if it is mapped MAP_PRIVATE");
	assert_non_null(strstr(reason(-EFAULT, (uintptr_t)p, page), "read-only shared mapping"));
	munmap(p, page);
	mlx5x_reason_write(-EFAULT, 0x5000, 0x1000, false, text);
	assert_string_equal(text, "Bad address: 0x5000-0x6000 is not mapped");
}

static void
other_errors_have_their_name_alone(void **state)
{
	assert_string_equal(reason(-EIO, 0x5000, 1), "Input/output error");
}

/* Each second page has another protection, so that none are merged. */
static void
max_map_count_is_named_near_it(void **state)
{
	size_t page = sysconf(_SC_PAGESIZE), n, i;
	struct dmamap_vma_count count;
	char *area;

	dmamap_vma_count(&count);
	if (count.limit == 0 || count.limit > 1000000)
		return;
	n = count.limit - count.limit / 20 - count.used;
	area = mmap(NULL, n * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(area, MAP_FAILED);
	for (i = 0; i < n; i += 2)
		assert_int_equal(mprotect(area + i * page, page, PROT_NONE), 0);
	assert_non_null(strstr(reason(-ENOMEM, 0x5000, 1), "(vm.max_map_count) are used"));
	munmap(area, n * page);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_named),
		cmocka_unit_test(memory_is_named),
		cmocka_unit_test(memory_to_read_is_explained),
		cmocka_unit_test(other_errors_have_their_name_alone),
		cmocka_unit_test(max_map_count_is_named_near_it),
	};

	return cmocka_run_group_tests_name("reason", tests, NULL, NULL);
}
