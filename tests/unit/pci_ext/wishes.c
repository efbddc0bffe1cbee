/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See wishes.h.
 */
#include <string.h>

#include "fake_backend.h"
#include "wishes.h"

struct wish wishes[WISHES];

bool
wish_is_shared(int d)
{
	return d >= 2;
}

bool
wish_touches(uint64_t a, uint64_t a_len, uint64_t b, uint64_t b_len)
{
	return a < b ? b - a < a_len : a - b < b_len;
}

bool
wish_is_same(const struct pci_ext_range *a, const struct pci_ext_range *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

struct wish *
wish_find(int d, const struct pci_ext_range *r)
{
	int i;

	for (i = 0; i < WISHES; i++)
		if (wishes[i].device == d && wish_is_same(&wishes[i].range, r))
			return &wishes[i];
	return NULL;
}

struct wish *
wish_find_free(void)
{
	int i;

	for (i = 0; i < WISHES; i++)
		if (wishes[i].device < 0)
			return &wishes[i];
	return NULL;
}

bool
wish_is_stale(const struct wish *w)
{
	return w->registration != fake_registration(w->range.addr);
}

/* In the order of the registry. */
static bool
is_before(const struct pci_ext_range *a, const struct pci_ext_range *b, bool by_iova)
{
	uint64_t a_first = by_iova ? a->iova : a->addr, b_first = by_iova ? b->iova : b->addr;
	uint64_t a_tie = by_iova ? a->addr : a->iova, b_tie = by_iova ? b->addr : b->iova;

	if (a_first != b_first)
		return a_first < b_first;
	return a->len != b->len ? a->len < b->len : a_tie < b_tie;
}

struct wish *
wish_find_overlap(int d, const struct pci_ext_range *r, bool by_iova)
{
	struct wish *lowest = NULL;
	const struct pci_ext_range *w;
	int i;

	for (i = 0; i < WISHES; i++) {
		w = &wishes[i].range;
		if (wishes[i].device != d ||
			!(by_iova ? wish_touches(w->iova, w->len, r->iova, r->len)
				  : wish_touches(w->addr, w->len, r->addr, r->len)))
			continue;
		if (lowest == NULL || is_before(w, &lowest->range, by_iova))
			lowest = &wishes[i];
	}
	return lowest;
}

bool
wish_is_holder(const struct wish *w)
{
	return w->device >= 0 && wish_is_shared(w->device) && w->active && !w->ended;
}

int
wish_count_holders(const struct pci_ext_range *r)
{
	int i, n = 0;

	for (i = 0; i < WISHES; i++)
		n += wish_is_holder(&wishes[i]) && wish_is_same(&wishes[i].range, r);
	return n;
}

struct wish *
wish_find_shared(const struct pci_ext_range *r)
{
	struct wish *lowest = NULL;
	int i;

	for (i = 0; i < WISHES; i++) {
		const struct pci_ext_range *w = &wishes[i].range;

		if (wish_is_holder(&wishes[i]) && wish_touches(w->iova, w->len, r->iova, r->len) &&
			(lowest == NULL || w->iova < lowest->range.iova))
			lowest = &wishes[i];
	}
	return lowest;
}
