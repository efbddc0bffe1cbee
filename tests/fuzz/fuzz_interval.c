/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * interval.c against a linear search of an array. The input is a sequence of operations of five
 * bytes: the member to add or remove, its interval, and an interval to look up.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/interval.h"

#define MEMBERS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pci_ext_interval members[MEMBERS];
static bool is_in[MEMBERS];

static void
check(bool truth)
{
	if (!truth)
		abort();
}

/* Half of the positions are at the upper end of the number range. */
static uint64_t
make_position(uint8_t byte)
{
	return byte < 128 ? byte : UINT64_MAX - (255 - byte);
}

static bool
is_before(const struct pci_ext_interval *a, const struct pci_ext_interval *b)
{
	if (a->first != b->first)
		return a->first < b->first;
	return a->last != b->last ? a->last < b->last : a->tie < b->tie;
}

static void
toggle(struct pci_ext_interval_set *set, int i, uint64_t first, uint64_t last)
{
	if (is_in[i]) {
		pci_ext_interval_remove(set, &members[i]);
	} else {
		members[i].first = first;
		members[i].last = last;
		members[i].tie = i;
		pci_ext_interval_add(set, &members[i]);
	}
	is_in[i] = !is_in[i];
}

static void
look_up(const struct pci_ext_interval_set *set, uint64_t first, uint64_t last)
{
	struct pci_ext_interval *lowest = NULL;
	int i;

	for (i = 0; i < MEMBERS; i++) {
		if (!is_in[i])
			continue;
		check(pci_ext_interval_find(set, members[i].first, members[i].last, i) ==
			&members[i]);
		if (members[i].first <= last && members[i].last >= first &&
			(lowest == NULL || is_before(&members[i], lowest)))
			lowest = &members[i];
	}
	check(pci_ext_interval_find_overlap(set, first, last) == lowest);
}

static void
walk(const struct pci_ext_interval_set *set)
{
	struct pci_ext_interval *at, *before = NULL;
	int i, n = 0;

	for (at = pci_ext_interval_first(set); at != NULL; at = pci_ext_interval_next(set, at)) {
		check(before == NULL || is_before(before, at));
		before = at;
		n++;
	}
	for (i = 0; i < MEMBERS; i++)
		n -= is_in[i];
	check(n == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pci_ext_interval_set set = {NULL};
	uint64_t a, b, c, d;

	memset(is_in, 0, sizeof(is_in));
	for (; size >= 5; data += 5, size -= 5) {
		a = make_position(data[1]);
		b = make_position(data[2]);
		c = make_position(data[3]);
		d = make_position(data[4]);
		toggle(&set, data[0] % MEMBERS, a < b ? a : b, a < b ? b : a);
		look_up(&set, c < d ? c : d, c < d ? d : c);
	}
	walk(&set);
	return 0;
}
