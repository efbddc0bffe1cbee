/* SPDX-License-Identifier: BSD-3-Clause */
/* repeat.c: a line a second for each device, and no report is lost. */
#include <time.h>

#include "request/repeat.h"
#include "unit.h"

/* Replaces libc's: milliseconds pass when the test says so. */
static uint64_t milliseconds = 5000;

int
clock_gettime(clockid_t clock, struct timespec *time)
{
	time->tv_sec = milliseconds / 1000;
	time->tv_nsec = milliseconds % 1000 * 1000000;
	return 0;
}

static void
a_loop_writes_one_line_a_second(void **state)
{
	uint64_t skipped, lines = 0;
	unsigned int i;

	for (i = 0; i < 3000; i++, milliseconds++) {
		if (!pci_ext_repeat_is_due("0000:00:10.0", &skipped))
			continue;
		assert_int_equal(skipped, lines == 0 ? 0 : 999);
		lines++;
	}
	assert_int_equal(lines, 3);
}

static void
each_device_has_its_own_line(void **state)
{
	uint64_t skipped;

	milliseconds += 10000;
	assert_true(pci_ext_repeat_is_due("0000:00:10.0", &skipped));
	assert_int_equal(skipped, 999);
	assert_true(pci_ext_repeat_is_due("0000:00:11.0", &skipped));
	assert_int_equal(skipped, 0);
	assert_false(pci_ext_repeat_is_due("0000:00:10.0", &skipped));
	assert_false(pci_ext_repeat_is_due("0000:00:11.0", &skipped));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_loop_writes_one_line_a_second),
		cmocka_unit_test(each_device_has_its_own_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
