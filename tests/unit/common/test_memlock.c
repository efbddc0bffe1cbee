/* SPDX-License-Identifier: BSD-3-Clause */
/* memlock.h, with the real kernel: VmLck counts mlock() as well as VFIO. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "memlock.h"

#define LIMIT 65536

static void
unlimited(void **state)
{
	static const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
	char text[DMAMAP_MEMLOCK_SIZE];

	if (setrlimit(RLIMIT_MEMLOCK, &none) != 0)
		return; /* an ordinary user */
	dmamap_memlock_format("VmLck:", text);
	assert_string_equal(text, "RLIMIT_MEMLOCK (ulimit -l) is unlimited");
	assert_true(dmamap_memlock_allows("VmLck:", UINT64_MAX));
}

static void
use_is_named(void **state)
{
	static const struct rlimit some = {LIMIT, LIMIT};
	size_t page = sysconf(_SC_PAGESIZE);
	char text[DMAMAP_MEMLOCK_SIZE], wanted[96];
	void *p = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &some), 0);
	dmamap_memlock_format("VmLck:", text);
	assert_non_null(strstr(text, "is 65536 bytes, 0 of them used"));
	/* AddressSanitizer makes mlock() do nothing. */
	assert_int_equal(syscall(SYS_mlock, p, page), 0);
	dmamap_memlock_format("VmLck:", text);
	snprintf(wanted, sizeof(wanted), "is 65536 bytes, %zu of them used", page);
	assert_non_null(strstr(text, wanted));
	assert_int_equal(strstr(text, "CAP_IPC_LOCK") != NULL,
		dmamap_memlock_status("CapEff:", 16) >> DMAMAP_MEMLOCK_CAP_IPC_LOCK & 1);
	assert_true(dmamap_memlock_allows("VmLck:", LIMIT - page));
	assert_int_equal(dmamap_memlock_allows("VmLck:", LIMIT),
		dmamap_memlock_status("CapEff:", 16) >> DMAMAP_MEMLOCK_CAP_IPC_LOCK & 1);
	munmap(p, page);
}

static void
no_such_line_is_nothing(void **state)
{
	assert_int_equal(dmamap_memlock_status("VmNothing:", 10), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(unlimited),
		cmocka_unit_test(use_is_named),
		cmocka_unit_test(no_such_line_is_nothing),
	};

	return cmocka_run_group_tests_name("memlock", tests, NULL, NULL);
}
