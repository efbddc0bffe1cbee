/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * map_all, lists and single maps, of memory of each kind, while devices come and go, other memory
 * is registered there, and one call of a backend fails; against counters of what each device should
 * have: all or nothing, always, and no reference and no descriptor is left. The number of
 * operations is the first argument, the seed the second.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_log.h>

#include "request/batch.h"
#include "request/dispatch.h"
#include "fake_backend.h"
#include "standing_rig.h"
#include "random_number.h"
#include "unit.h"

#define MAX_LIST 6

static uint64_t operations = 20000;

static unsigned int
count_of(int d, int r)
{
	return standing_own[d][r] + standing_holds[d][r];
}

/*
 * The fault: the nth call of a backend from now on. A model of the calls counts them as they are
 * made, those that undo included.
 */
static int left_until_fault;

static void
inject(int nth)
{
	fake_fail_at = left_until_fault = nth;
}

static bool
is_the_fault(void)
{
	return left_until_fault != 0 && --left_until_fault == 0;
}

/* What a map of one device returns; *added: what there is more of it then. */
static int
expect_map(int d, int r, enum standing_kind kind, unsigned int *added)
{
	const unsigned int had = count_of(d, r) + *added;

	if (had != 0 && standing_kind_of[d][r] != kind)
		return -EEXIST;
	if (had == 0 && standing_present[d] && is_the_fault())
		return -ENOMEM;
	standing_kind_of[d][r] = kind;
	++*added;
	return 0;
}

/* The same of the unmap that undoes it. Returns whether the device has let go of it. */
static bool
expect_undo(int d, int r, unsigned int *added)
{
	if (count_of(d, r) + *added == 1 && standing_present[d] && is_the_fault())
		return false;
	--*added;
	return true;
}

/*
 * A map for each of n devices, in order. added[i] is of the i-th, in all[] by device: what it has
 * more afterwards. Returns 0 or the first error; is_left: a device has not let go of it.
 */
static int
expect_batch(const int devices[], int n, int r, enum standing_kind kind,
	unsigned int added[STANDING_DEVICES], bool *is_left)
{
	int results[MAX_LIST], i, ret = 0;

	*is_left = false;
	memset(added, 0, STANDING_DEVICES * sizeof(*added));
	for (i = 0; i < n; i++) {
		results[i] = expect_map(devices[i], r, kind, &added[devices[i]]);
		ret = ret == 0 ? results[i] : ret;
	}
	for (i = 0; i < n && ret != 0; i++)
		if (results[i] == 0 && !expect_undo(devices[i], r, &added[devices[i]]))
			*is_left = true;
	return ret;
}

static int
list_present(int devices[STANDING_DEVICES])
{
	int d, n = 0;

	for (d = 0; d < STANDING_DEVICES; d++)
		if (standing_present[d])
			devices[n++] = d;
	return n;
}

/* Those that have not let go of what was undone are asked once more, at once. */
static bool
expect_second_undo(int r, unsigned int added[STANDING_DEVICES])
{
	bool is_left = false;
	int d;

	for (d = 0; d < STANDING_DEVICES; d++)
		if (added[d] != 0 && !expect_undo(d, r, &added[d]))
			is_left = true;
	return is_left;
}

/* Which devices had the range when it became stale: they are mapped anew, absent or not. */
static bool is_listed[STANDING_DEVICES][STANDING_RANGES];

static void
register_anew(int r)
{
	const struct pci_ext_memory memory = standing_memory(r, STANDING_PLAIN);
	struct pci_ext_target named = {0};
	int d;

	if (standing_count[r] == 0 || standing_is_stale[r])
		return;
	for (d = 0; d < STANDING_DEVICES; d++) {
		named.name = standing_names[d];
		for (; standing_own[d][r] != 0; standing_own[d][r]--)
			assert_int_equal(pci_ext_dispatch_unmap(&named, &memory), 0);
		is_listed[d][r] = standing_holds[d][r];
	}
	fake_register_anew(standing_addr_of(r));
	standing_is_stale[r] = true;
}

/* The calls of the backend that end stale mappings and map the new memory. */
static int
count_calls_anew(int r)
{
	int d, n = 0;

	for (d = 0; d < STANDING_DEVICES; d++)
		if (standing_present[d])
			n += 1 + standing_holds[d][r];
	return n;
}

/* Each device has it, or none. */
static void
random_map_anew(int r, enum standing_kind kind)
{
	const int calls = count_calls_anew(r), nth = random_number() % 12;
	int d, ret;

	fake_fail_at = nth;
	ret = standing_map_all_as(r, kind);
	fake_fail_at = 0;
	assert_true(nth == 0 || nth > calls ? ret == 0 : ret == -EBUSY || ret == -ENOMEM);
	for (d = 0; d < STANDING_DEVICES; d++) {
		standing_holds[d][r] = ret == 0 && (is_listed[d][r] || standing_present[d]);
		standing_kind_of[d][r] = kind;
	}
	standing_count[r] = ret == 0;
	standing_kind_of_all[r] = kind;
	standing_is_stale[r] = false;
}

static void
random_map_all(int r, enum standing_kind kind)
{
	unsigned int added[STANDING_DEVICES] = {0};
	int devices[STANDING_DEVICES], d, expected, ret;
	bool is_left = false;

	if (standing_is_stale[r] && !standing_is_ending[r]) {
		random_map_anew(r, kind);
		return;
	}
	inject(random_number() % 10);
	if (standing_is_ending[r]) {
		expected = -EBUSY;
	} else if (standing_count[r] != 0) {
		expected = kind == standing_kind_of_all[r] ? 0 : -EEXIST;
	} else {
		expected = expect_batch(devices, list_present(devices), r, kind, added, &is_left);
		is_left = is_left && expect_second_undo(r, added);
	}
	ret = standing_map_all_as(r, kind);
	inject(0);
	assert_int_equal(ret, expected);
	for (d = 0; d < STANDING_DEVICES; d++)
		standing_holds[d][r] |= added[d] != 0;
	if (standing_count[r] == 0 && (ret == 0 || is_left))
		standing_kind_of_all[r] = kind;
	if (standing_count[r] == 0)
		standing_is_ending[r] = is_left;
	standing_count[r] += ret == 0 || is_left;
}

/* The devices are asked in the order of their names, or of their arrival; each may be the one. */
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
	standing_is_stale[r] = standing_is_stale[r] && refused >= 0;
}

/* Some of the devices, present or not, and some of them twice. */
static int
name_some(int devices[MAX_LIST], struct pci_ext_batch_item items[MAX_LIST])
{
	int n = random_number() % (MAX_LIST + 1), i;

	memset(items, 0, MAX_LIST * sizeof(*items));
	for (i = 0; i < n; i++) {
		devices[i] = random_number() % STANDING_DEVICES;
		snprintf(items[i].name, sizeof(items[i].name), "%s", standing_names[devices[i]]);
	}
	return n;
}

static void
random_map_list(int r, enum standing_kind kind)
{
	const struct pci_ext_memory memory = standing_memory(r, kind);
	struct pci_ext_batch_item items[MAX_LIST];
	unsigned int added[STANDING_DEVICES];
	int devices[MAX_LIST], n = name_some(devices, items), d, expected;
	bool is_left;

	inject(random_number() % 10);
	expected = expect_batch(devices, n, r, kind, added, &is_left);
	assert_int_equal(pci_ext_batch_map(items, n, &memory), expected);
	inject(0);
	for (d = 0; d < STANDING_DEVICES; d++)
		standing_own[d][r] += added[d];
	if (expected != 0 && !is_left)
		for (d = 0; d < STANDING_DEVICES; d++)
			assert_int_equal(added[d], 0);
}

/* Each for itself: the results tell which to repeat. */
static void
random_unmap_list(int r)
{
	const struct pci_ext_memory memory = standing_memory(r, STANDING_PLAIN);
	struct pci_ext_batch_item items[MAX_LIST];
	int devices[MAX_LIST], n = name_some(devices, items), i, d, first = 0, expected;

	for (i = 0; i < n; i++) /* what map_all has made is not theirs */
		if (standing_holds[devices[i]][r])
			return;
	inject(random_number() % 10);
	pci_ext_batch_unmap(items, n, &memory);
	for (i = 0; i < n; i++) {
		d = devices[i];
		expected = standing_own[d][r] == 0 ? -ENOENT : 0;
		if (standing_own[d][r] == 1 && standing_present[d] && is_the_fault())
			expected = -EBUSY;
		assert_int_equal(items[i].result, expected);
		standing_own[d][r] -= expected == 0;
		first = first == 0 ? expected : first;
	}
	inject(0);
}

static void
random_single(int d, int r, enum standing_kind kind)
{
	const struct pci_ext_target named = {.name = standing_names[d]};
	const struct pci_ext_memory memory = standing_memory(r, kind);
	unsigned int added = 0;

	if (random_number() % 2 == 0) {
		assert_int_equal(
			pci_ext_dispatch_map(&named, &memory), expect_map(d, r, kind, &added));
		standing_own[d][r] += added;
	} else if (standing_own[d][r] != 0) {
		assert_int_equal(pci_ext_dispatch_unmap(&named, &memory), 0);
		standing_own[d][r]--;
	}
}

static void
random_operations_agree_with_the_counters(void **state)
{
	enum standing_kind kind;
	uint64_t n;
	int d, r;

	for (n = 0; n < operations; n++) {
		d = random_number() % STANDING_DEVICES;
		r = random_number() % STANDING_RANGES;
		kind = random_number() % 2 ? standing_kind_of[d][r]
					   : random_number() % STANDING_KINDS;
		switch (random_number() % 9) {
		case 0:
		case 1:
			standing_present[d] ? standing_unplug(d) : standing_plug(d);
			break;
		case 2:
			random_map_all(r, kind);
			break;
		case 3:
		case 4:
			random_unmap_all(r);
			break;
		case 5:
			register_anew(r);
			break;
		case 6:
			if (!standing_is_stale[r])
				random_map_list(r, kind);
			break;
		case 7:
			if (!standing_is_stale[r])
				random_unmap_list(r);
			break;
		default:
			if (!standing_is_stale[r])
				random_single(d, r, kind);
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
	rte_log_set_global_level(RTE_LOG_CRIT); /* thousands of refusals are expected */
	printf("# %" PRIu64 " operations, seed %" PRIu64 "\n", operations, seed);
	return cmocka_run_group_tests_name("standing_random", tests, NULL, NULL);
}
