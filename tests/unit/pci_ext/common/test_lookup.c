/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lookup.c against a naive oracle: a linear search of an array. After random additions and removals
 * both must find the same. The number of operations is the first argument; the seed is the second.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failing_alloc.h"
#include "common/lookup.h"
#include "random_number.h"
#include "unit.h"

#define MEMBERS 700 /* of several leaves */

static uint64_t operations = 100000;

static struct pci_ext_lookup_entry members[MEMBERS];
static bool is_in[MEMBERS];
static struct pci_ext_lookup lookup;

/* Numbers that leave gaps and overlap; sometimes at the end of the number range. */
static struct pci_ext_lookup_entry
random_entry(void)
{
	uint64_t first = random_number() % 4096, len = random_number() % 8;

	if (random_number() % 64 == 0)
		len += random_number() % 1024;
	if (random_number() % 16 == 0)
		first = UINT64_MAX - len - random_number() % 64;
	return (struct pci_ext_lookup_entry){
		first, first + len, random_number() % 3, 1, random_number() % 2};
}

static bool
is_equal(const struct pci_ext_lookup_entry *a, const struct pci_ext_lookup_entry *b)
{
	return a->first == b->first && a->last == b->last && a->iova == b->iova &&
	       a->registration == b->registration && a->to_read == b->to_read;
}

static int
oracle_find(const struct pci_ext_lookup_entry *entry)
{
	int i;

	for (i = 0; i < MEMBERS; i++)
		if (is_in[i] && is_equal(&members[i], entry))
			return i;
	return -1;
}

static bool
oracle_contains(uint64_t addr)
{
	int i;

	for (i = 0; i < MEMBERS; i++)
		if (is_in[i] && members[i].first <= addr && members[i].last >= addr)
			return true;
	return false;
}

static void
check_address(uint64_t addr)
{
	struct pci_ext_lookup_entry found = {1, 0, 0, 0};

	assert_int_equal(pci_ext_lookup_find(&lookup, addr, &found), oracle_contains(addr));
	if (found.first == 1 && found.last == 0)
		return;
	assert_true(found.first <= addr && addr <= found.last);
	assert_true(oracle_find(&found) >= 0);
}

/* Each copy is one of the oracle's, and there are as many. */
static void
check_copy(uint64_t first, uint64_t last)
{
	static struct pci_ext_lookup_entry copies[MEMBERS];
	size_t n = pci_ext_lookup_copy(&lookup, first, last, copies, MEMBERS), expected = 0, i;

	for (i = 0; i < MEMBERS; i++)
		expected += is_in[i] && members[i].first <= last && members[i].last >= first;
	assert_int_equal(n, expected);
	for (i = 0; i < n; i++) {
		assert_true(oracle_find(&copies[i]) >= 0);
		assert_true(copies[i].first <= last && copies[i].last >= first);
	}
	assert_int_equal(pci_ext_lookup_copy(&lookup, first, last, copies, n / 2), n);
}

static void
toggle_member(void)
{
	int i = random_number() % MEMBERS;

	if (is_in[i]) {
		assert_int_equal(pci_ext_lookup_remove(&lookup, &members[i]), 0);
		is_in[i] = false;
		return;
	}
	members[i] = random_entry();
	if (oracle_find(&members[i]) >= 0)
		return;
	assert_int_equal(pci_ext_lookup_remove(&lookup, &members[i]), -ENOENT);
	assert_int_equal(pci_ext_lookup_add(&lookup, &members[i]), 0);
	is_in[i] = true;
}

static void
random_operations_agree_with_the_oracle(void **state)
{
	struct pci_ext_lookup_entry range;
	uint64_t n;

	for (n = 0; n < operations; n++) {
		toggle_member();
		check_address(random_number() % 4200);
		check_address(UINT64_MAX - random_number() % 80);
		range = random_entry();
		if (n % 16 == 0)
			check_copy(range.first, range.last);
		if (n % 20000 == 19999) {
			check_copy(0, UINT64_MAX);
			pci_ext_lookup_clear(&lookup);
			memset(is_in, 0, sizeof(is_in));
			check_copy(0, UINT64_MAX);
		}
	}
	pci_ext_lookup_destroy(&lookup);
	memset(is_in, 0, sizeof(is_in));
}

static void
empty_has_nothing(void **state)
{
	const struct pci_ext_lookup_entry entry = {0, UINT64_MAX, 0, 0};
	struct pci_ext_lookup empty = {0};
	struct pci_ext_lookup_entry found;

	assert_false(pci_ext_lookup_find(&empty, 0, &found));
	assert_int_equal(pci_ext_lookup_copy(&empty, 0, UINT64_MAX, NULL, 0), 0);
	assert_int_equal(pci_ext_lookup_remove(&empty, &entry), -ENOENT);
	pci_ext_lookup_clear(&empty);
	assert_int_equal(pci_ext_lookup_add(&empty, &entry), 0);
	assert_true(pci_ext_lookup_find(&empty, UINT64_MAX, &found));
	pci_ext_lookup_clear(&empty);
	assert_false(pci_ext_lookup_find(&empty, 0, &found));
	pci_ext_lookup_destroy(&empty);
}

/* More of one first than a leaf holds: removed in another order than added. */
static void
many_of_one_address(void **state)
{
	struct pci_ext_lookup_entry entry = {0x1000, 0x1fff, 0, 7}, found;
	int i;

	for (i = 0; i < 1000; i++) {
		entry.iova = i;
		assert_int_equal(pci_ext_lookup_add(&lookup, &entry), 0);
	}
	for (i = 0; i < 1000; i++) {
		assert_true(pci_ext_lookup_find(&lookup, 0x1800, &found));
		entry.iova = (i * 7) % 1000;
		assert_int_equal(pci_ext_lookup_remove(&lookup, &entry), 0);
	}
	assert_false(pci_ext_lookup_find(&lookup, 0x1800, &found));
	pci_ext_lookup_destroy(&lookup);
}

static void
all_of_65536_are_found(void **state)
{
	struct pci_ext_lookup_entry entry = {0, 0, 0, 7}, found;
	uint64_t i;

	for (i = 0; i < 65536; i++) {
		entry = (struct pci_ext_lookup_entry){i * 0x2000, i * 0x2000 + 0xfff, i, 7};
		assert_int_equal(pci_ext_lookup_add(&lookup, &entry), 0);
	}
	for (i = 0; i < 65536; i++) {
		assert_true(pci_ext_lookup_find(&lookup, i * 0x2000 + 0xfff, &found));
		assert_int_equal(found.iova, i);
		assert_false(pci_ext_lookup_find(&lookup, i * 0x2000 + 0x1000, &found));
	}
	pci_ext_lookup_destroy(&lookup);
}

/* The entries there are after an error are those before it. */
static int
fill_with_failure(int nth)
{
	struct pci_ext_lookup_entry entry, found;
	int i, ret = 0;

	allocations_until_failure = nth;
	for (i = 0; i < 3000 && ret == 0; i++) {
		entry = (struct pci_ext_lookup_entry){i * 16, i * 16 + 15, i, 7};
		ret = pci_ext_lookup_add(&lookup, &entry);
	}
	allocations_until_failure = 0;
	i -= ret != 0;
	assert_int_equal(pci_ext_lookup_copy(&lookup, 0, UINT64_MAX, NULL, 0), i);
	assert_false(pci_ext_lookup_find(&lookup, i * 16, &found));
	if (ret == 0) {
		pci_ext_lookup_destroy(&lookup);
		return ret;
	}
	allocations_until_failure = 1;
	if (pci_ext_lookup_remove(&lookup, &(struct pci_ext_lookup_entry){0, 15, 0, 7}) != 0)
		assert_int_equal(pci_ext_lookup_copy(&lookup, 0, UINT64_MAX, NULL, 0), i);
	allocations_until_failure = 0;
	pci_ext_lookup_destroy(&lookup);
	return ret;
}

static void
each_failed_allocation_changes_nothing(void **state)
{
	int nth = 1;

	while (fill_with_failure(nth) == -ENOMEM)
		nth++;
	assert_true(nth > 20);
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_has_nothing),
		cmocka_unit_test(many_of_one_address),
		cmocka_unit_test(all_of_65536_are_found),
		cmocka_unit_test(random_operations_agree_with_the_oracle),
		cmocka_unit_test(each_failed_allocation_changes_nothing),
	};

	if (argc > 1)
		operations = strtoull(argv[1], NULL, 0);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 0) | 1;
	printf("# %" PRIu64 " operations, seed %" PRIu64 "\n", operations, seed);
	return cmocka_run_group_tests_name("lookup", tests, NULL, NULL);
}
