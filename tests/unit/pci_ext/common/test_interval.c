/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * interval.c against a naive oracle: a linear search of an array. After random operations both must
 * return the same, and the tree must be balanced and in order. The number of operations is the
 * first argument; the seed is the second.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/interval.h"
#include "random_number.h"
#include "unit.h"

#define MEMBERS 64

static uint64_t operations = 200000;

static struct pci_ext_interval members[MEMBERS];
static bool is_in[MEMBERS];
static struct pci_ext_interval_set set;

/* Small numbers, so that most intervals overlap; sometimes at the end of the number range. */
static uint64_t
random_position(void)
{
	uint64_t position = random_number() % 48;

	return random_number() % 16 == 0 ? UINT64_MAX - position : position;
}

static void
random_interval(uint64_t *first, uint64_t *last)
{
	uint64_t a = random_position();
	uint64_t b = random_number() % 4 == 0 ? random_position() : a + random_number() % 8;

	*first = a < b ? a : b;
	*last = a < b ? b : a;
}

static int
order(const struct pci_ext_interval *a, const struct pci_ext_interval *b)
{
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->last != b->last)
		return a->last < b->last ? -1 : 1;
	return a->tie < b->tie ? -1 : a->tie > b->tie;
}

static struct pci_ext_interval *
oracle_overlap(uint64_t first, uint64_t last)
{
	struct pci_ext_interval *best = NULL;
	int i;

	for (i = 0; i < MEMBERS; i++)
		if (is_in[i] && members[i].first <= last && members[i].last >= first &&
			(best == NULL || order(&members[i], best) < 0))
			best = &members[i];
	return best;
}

static struct pci_ext_interval *
oracle_find(uint64_t first, uint64_t last, uint64_t tie)
{
	int i;

	for (i = 0; i < MEMBERS; i++)
		if (is_in[i] && members[i].first == first && members[i].last == last &&
			members[i].tie == tie)
			return &members[i];
	return NULL;
}

/* Returns the height; counts the nodes. */
static int
check_subtree(const struct pci_ext_interval *node, int *count)
{
	int left, right, height;
	uint64_t max;

	if (node == NULL)
		return 0;
	(*count)++;
	left = check_subtree(node->left, count);
	right = check_subtree(node->right, count);
	assert_uint_in_range(left - right + 1, 0, 2);
	max = node->last;
	if (node->left != NULL) {
		assert_true(order(node->left, node) < 0);
		max = node->left->max_last > max ? node->left->max_last : max;
	}
	if (node->right != NULL) {
		assert_true(order(node->right, node) > 0);
		max = node->right->max_last > max ? node->right->max_last : max;
	}
	assert_true(node->max_last == max);
	height = (left > right ? left : right) + 1;
	assert_int_equal(node->height, height);
	return height;
}

static void
check_set(void)
{
	const struct pci_ext_interval *node, *before = NULL;
	int in_tree = 0, in_walk = 0, expected = 0, i;

	check_subtree(set.root, &in_tree);
	for (i = 0; i < MEMBERS; i++)
		expected += is_in[i];
	PCI_EXT_INTERVAL_FOREACH(node, &set)
	{
		assert_true(before == NULL || order(before, node) < 0);
		before = node;
		in_walk++;
	}
	assert_int_equal(in_tree, expected);
	assert_int_equal(in_walk, expected);
}

static void
toggle_member(void)
{
	int i = random_number() % MEMBERS;

	if (is_in[i]) {
		pci_ext_interval_remove(&set, &members[i]);
		is_in[i] = false;
		return;
	}
	random_interval(&members[i].first, &members[i].last);
	members[i].tie = random_number() % 3;
	if (oracle_find(members[i].first, members[i].last, members[i].tie) != NULL)
		return;
	pci_ext_interval_add(&set, &members[i]);
	is_in[i] = true;
}

static void
random_operations_agree_with_the_oracle(void **state)
{
	uint64_t first, last, tie, n;

	for (n = 0; n < operations; n++) {
		toggle_member();
		random_interval(&first, &last);
		tie = random_number() % 3;
		assert_ptr_equal(pci_ext_interval_find_overlap(&set, first, last),
			oracle_overlap(first, last));
		assert_ptr_equal(pci_ext_interval_find(&set, first, last, tie),
			oracle_find(first, last, tie));
		if (n % 64 == 0)
			check_set();
	}
	check_set();
}

static void
empty_set_has_nothing(void **state)
{
	struct pci_ext_interval_set empty = {NULL};

	assert_null(pci_ext_interval_first(&empty));
	assert_null(pci_ext_interval_find(&empty, 0, UINT64_MAX, 0));
	assert_null(pci_ext_interval_find_overlap(&empty, 0, UINT64_MAX));
}

static void
neighbours_do_not_overlap(void **state)
{
	struct pci_ext_interval_set two = {NULL};
	struct pci_ext_interval a = {.first = 0x1000, .last = 0x1fff};
	struct pci_ext_interval b = {.first = 0x3000, .last = 0x3fff};

	pci_ext_interval_add(&two, &a);
	pci_ext_interval_add(&two, &b);
	assert_null(pci_ext_interval_find_overlap(&two, 0, 0xfff));
	assert_null(pci_ext_interval_find_overlap(&two, 0x2000, 0x2fff));
	assert_null(pci_ext_interval_find_overlap(&two, 0x4000, UINT64_MAX));
	assert_ptr_equal(pci_ext_interval_find_overlap(&two, 0x1fff, 0x3000), &a);
	assert_ptr_equal(pci_ext_interval_find_overlap(&two, 0x2000, 0x3000), &b);
}

/* In order, so that every insertion is at the end; then removed from the front. */
static void
tree_of_65536_stays_flat(void **state)
{
	enum { MANY = 65536 };
	struct pci_ext_interval_set big = {NULL};
	struct pci_ext_interval *many = calloc(MANY, sizeof(*many));
	int i, count = 0;

	assert_non_null(many);
	for (i = 0; i < MANY; i++) {
		many[i].first = (uint64_t)i * 0x1000;
		many[i].last = many[i].first + 0xfff;
		pci_ext_interval_add(&big, &many[i]);
	}
	assert_uint_in_range(check_subtree(big.root, &count), 16, 23);
	assert_int_equal(count, MANY);
	for (i = 0; i < MANY; i++) {
		assert_ptr_equal(pci_ext_interval_first(&big), &many[i]);
		pci_ext_interval_remove(&big, &many[i]);
	}
	assert_null(big.root);
	free(many);
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_set_has_nothing),
		cmocka_unit_test(neighbours_do_not_overlap),
		cmocka_unit_test(random_operations_agree_with_the_oracle),
		cmocka_unit_test(tree_of_65536_stays_flat),
	};

	if (argc > 1)
		operations = strtoull(argv[1], NULL, 0);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 0) | 1;
	printf("# %" PRIu64 " operations, seed %" PRIu64 "\n", operations, seed);
	return cmocka_run_group_tests_name("interval", tests, NULL, NULL);
}
