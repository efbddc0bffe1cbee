/* SPDX-License-Identifier: BSD-3-Clause */
#include "model.h"

static bool
overlaps(uint64_t a, uint64_t a_len, uint64_t b, uint64_t b_len)
{
	return a <= b + (b_len - 1) && b <= a + (a_len - 1);
}

struct range
range_of_run(const struct arena *arena, struct run run)
{
	const uint64_t at = arena->base + run.first * ARENA_PAGE;

	return (struct range){at, at, run.n * ARENA_PAGE};
}

bool
range_fits(const struct range *range)
{
	return range->len != 0 && range->len - 1 <= UINT64_MAX - range->addr &&
		range->len - 1 <= UINT64_MAX - range->iova;
}

bool
range_is_same(const struct range *a, const struct range *b)
{
	return a->addr == b->addr && a->iova == b->iova && a->len == b->len;
}

bool
range_overlaps_addr(const struct range *a, const struct range *b)
{
	return overlaps(a->addr, a->len, b->addr, b->len);
}

bool
range_overlaps_iova(const struct range *a, const struct range *b)
{
	return overlaps(a->iova, a->len, b->iova, b->len);
}
