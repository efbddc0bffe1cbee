/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * standing.c with random operations, beside maps of single devices, of which one call of a backend
 * fails; against the counters of what each device should have. The number of operations is the
 * first argument, the seed the second.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "request/dispatch.h"
#include "fake_backend.h"
#include "standing_rig.h"
#include "random_number.h"
#include "unit.h"

static uint64_t operations = 20000;

/* How many of the devices have no record of the range, so that a map calls the backend. */
static int
count_new(int r)
{
	int d, n = 0;

	for (d = 0; d < STANDING_DEVICES; d++)
		n += standing_present[d] && standing_own[d][r] + standing_holds[d][r] == 0;
	return n;
}

static void
random_map_all(int r)
{
	int d, nth = random_number() % 6, ret;
	const bool fails = standing_count[r] == 0 && nth != 0 && nth <= count_new(r);

	fake_fail_at = standing_count[r] == 0 ? nth : 0;
	ret = standing_map_all(r);
	fake_fail_at = 0;
	if (standing_is_ending[r]) {
		assert_int_equal(ret, -EBUSY);
		return;
	}
	assert_int_equal(ret, fails ? -ENOMEM : 0);
	if (fails)
		return;
	for (d = 0; d < STANDING_DEVICES && standing_count[r] == 0; d++)
		standing_holds[d][r] = standing_present[d];
	standing_count[r]++;
}

/* The devices are asked in the order of their standing_names, or of their arrival; each may be the
 * one. */
static void
random_unmap_all(int r)
{
	int d, refused = -1, nth = standing_count[r] <= 1 ? random_number() % 6 : 0, ret;
	bool is_mapped;

	fake_fail_at = nth;
	ret = standing_unmap_all(r);
	fake_fail_at = 0;
	if (standing_count[r] == 0) {
		assert_int_equal(ret, -ENOENT);
		return;
	}
	if (standing_count[r] > 1) {
		assert_int_equal(ret, 0);
		standing_count[r]--;
		return;
	}
	for (d = 0; d < STANDING_DEVICES; d++)
		if (standing_holds[d][r] &&
			standing_references(d, r, &is_mapped) == standing_own[d][r] + 1)
			refused = d;
	assert_int_equal(ret, refused < 0 ? 0 : -EBUSY);
	for (d = 0; d < STANDING_DEVICES; d++)
		standing_holds[d][r] = d == refused;
	standing_is_ending[r] = refused >= 0;
	standing_count[r] = refused >= 0;
}

static void
random_single(int d, int r)
{
	const struct pci_ext_target named = {.name = standing_names[d]};
	const struct pci_ext_memory memory = standing_memory(r, STANDING_PLAIN);

	if (random_number() % 2 == 0) {
		assert_int_equal(pci_ext_dispatch_map(&named, &memory), 0);
		standing_own[d][r]++;
	} else if (standing_own[d][r] != 0) {
		assert_int_equal(pci_ext_dispatch_unmap(&named, &memory), 0);
		standing_own[d][r]--;
	}
}

static void
random_operations_agree_with_the_counters(void **state)
{
	uint64_t n;
	int d, r;

	for (n = 0; n < operations; n++) {
		d = random_number() % STANDING_DEVICES;
		r = random_number() % STANDING_RANGES;
		switch (random_number() % 4) {
		case 0:
			standing_present[d] ? standing_unplug(d) : standing_plug(d);
			break;
		case 1:
			random_map_all(r);
			break;
		case 2:
			random_unmap_all(r);
			break;
		default:
			random_single(d, r);
		}
		standing_check_all();
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, standing_reset, standing_cleanup)

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		TEST(random_operations_agree_with_the_counters),
	};

	if (argc > 1)
		operations = strtoull(argv[1], NULL, 0);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 0) | 1;
	printf("# %" PRIu64 " operations, seed %" PRIu64 "\n", operations, seed);
	return cmocka_run_group_tests_name("standing_random", tests, NULL, NULL);
}
