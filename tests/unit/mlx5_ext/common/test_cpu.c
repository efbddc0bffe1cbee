/* SPDX-License-Identifier: BSD-3-Clause */
/* cpu.c: signatures of CPUs, and this one's beside what the kernel says of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/cpu.h"

#define INTEL "GenuineIntel"
#define AMD   "AuthenticAMD"

static void
haswell_and_broadwell_are_left_alone(void **state)
{
	static const uint32_t signatures[] = {
		0x306c3, 0x306f2, 0x40651, 0x40661,	/* Haswell: client, Xeon E5 v3, ULT, GT3E */
		0x306d4, 0x40671, 0x406f1, 0x50663,	/* Broadwell: client, GT3E, E5 v4, Xeon D */
	};
	size_t i;

	for (i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
		assert_false(mlx5x_cpu_is_fast_relaxed(INTEL, signatures[i]));
		assert_true(mlx5x_cpu_is_fast_relaxed(AMD, signatures[i]));
		/* Another family. */
		assert_true(mlx5x_cpu_is_fast_relaxed(INTEL, signatures[i] | 0x900));
	}
}

static void
all_others_want_it(void **state)
{
	static const uint32_t signatures[] = {
		0x306e4, 0x306a9,	/* Ivy Bridge */
		0x50654, 0x506e3,	/* Skylake */
		0x606a6, 0x806f8,	/* Ice Lake, Sapphire Rapids */
	};
	size_t i;

	for (i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++)
		assert_true(mlx5x_cpu_is_fast_relaxed(INTEL, signatures[i]));
	assert_true(mlx5x_cpu_is_fast_relaxed(AMD, 0x830f10));
}

/* The number in a line of /proc/cpuinfo, or -1. */
static int
read_number(FILE *cpuinfo, const char *format)
{
	char line[256];
	int n;

	rewind(cpuinfo);
	while (fgets(line, sizeof(line), cpuinfo) != NULL)
		if (sscanf(line, format, &n) == 1)
			return n;
	return -1;
}

static void
this_one_is_as_the_kernel_says(void **state)
{
	FILE *cpuinfo = fopen("/proc/cpuinfo", "r");
	char line[256] = "", vendor[13] = "";
	int family, model;

	if (cpuinfo == NULL)
		skip();
	while (vendor[0] == '\0' && fgets(line, sizeof(line), cpuinfo) != NULL)
		sscanf(line, "vendor_id : %12s", vendor);
	family = read_number(cpuinfo, "cpu family : %d");
	model = read_number(cpuinfo, "model : %d");
	fclose(cpuinfo);
	if (strlen(vendor) != 12 || family < 0 || model < 0)
		skip();	/* no x86 */
	assert_int_equal(mlx5x_cpu_wants_relaxed_ordering(), family != 6 ||
		mlx5x_cpu_is_fast_relaxed(vendor, 0x600 | (model & 0xf) << 4 | (model >> 4) << 16));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(haswell_and_broadwell_are_left_alone),
		cmocka_unit_test(all_others_want_it),
		cmocka_unit_test(this_one_is_as_the_kernel_says),
	};

	return cmocka_run_group_tests_name("cpu", tests, NULL, NULL);
}
