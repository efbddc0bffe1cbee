/* SPDX-License-Identifier: BSD-3-Clause */
/* The arguments of calls: likely ones, and those at which something may go wrong. */
#include <stddef.h>

#include <rte_memory.h>

#include "sequence.h"

/* IOVAs that are nobody's addresses. */
#define ELSEWHERE UINT64_C(0x200000000000)

struct run
choose_run(struct sequence *sequence)
{
	unsigned int n = 1 + sequence_roll(sequence, 4);

	return (struct run){sequence_roll(sequence, ARENA_PAGES - n + 1), n};
}

/* A registration, or a part of it. */
static struct range
choose_registered(struct sequence *sequence)
{
	unsigned int page = sequence_roll(sequence, ARENA_PAGES), i;
	struct run run = {0, 0};

	for (i = 0; i < ARENA_PAGES && run.n == 0; i++)
		run = arena_piece(sequence->arena, (page + i) % ARENA_PAGES);
	if (run.n == 0)
		return range_of_run(sequence->arena, choose_run(sequence));
	if (sequence_roll(sequence, 3) == 0) {
		i = sequence_roll(sequence, run.n);
		run.first += i;
		run.n = 1 + sequence_roll(sequence, run.n - i);
	}
	return range_of_run(sequence->arena, run);
}

/* NULL: there is none. */
static const struct record *
choose_record(struct sequence *sequence)
{
	const unsigned int first = sequence_roll(sequence, MODEL_RECORDS);
	unsigned int i;

	for (i = 0; i < MODEL_RECORDS; i++) {
		const struct record *record =
			&sequence->model.records[(first + i) % MODEL_RECORDS];

		if (record->references != 0)
			return record;
	}
	return NULL;
}

static struct range
choose_recorded(struct sequence *sequence)
{
	const struct record *record = choose_record(sequence);

	return record != NULL ? record->range : choose_registered(sequence);
}

/* Longer, shorter, moved. */
static void
bend(struct sequence *sequence, struct range *range)
{
	const uint64_t by = (sequence_roll(sequence, 4) == 0 ? 256 : ARENA_PAGE) *
		(1 + sequence_roll(sequence, 2));

	switch (sequence_roll(sequence, 5)) {
	case 0:
		range->len += by;
		break;
	case 1:
		range->len -= range->len > by ? by : 0;
		break;
	case 2:
		range->addr += by;
		range->iova += by;
		break;
	case 3:
		range->addr -= by;
		range->iova -= by;
		break;
	default:
		range->iova += ARENA_PAGE;
	}
}

/* Bytes within pages, which a driver takes and an IOMMU does not. */
static void
cut(struct sequence *sequence, struct range *range)
{
	const uint64_t offset = 256 * (1 + sequence_roll(sequence, 8));

	range->addr += offset;
	range->iova += offset;
	range->len -= offset + (sequence_roll(sequence, 2) != 0 ? 512 : 0);
}

static void
distort(struct sequence *sequence, struct range *range)
{
	switch (sequence_roll(sequence, 4)) {
	case 0:
		range->len = 0;
		break;
	case 1:
		range->len = UINT64_MAX - sequence_roll(sequence, 2) * ARENA_PAGE;
		break;
	case 2:
		range->iova = UINT64_MAX - ARENA_PAGE + 1;
		range->len += range->len == ARENA_PAGE ? ARENA_PAGE : 0;
		break;
	default:
		range->len = UINT64_MAX / 2;
	}
}

/* As the caller may give it: 0 and RTE_BAD_IOVA mean the address. */
static struct range
give(struct sequence *sequence, const struct range *range)
{
	struct range given = *range;

	if (range->iova != range->addr)
		return given;
	switch (sequence_roll(sequence, 4)) {
	case 0:
		given.iova = 0;
		break;
	case 1:
		given.iova = RTE_BAD_IOVA;
	}
	return given;
}

struct range
choose_map(struct sequence *sequence, unsigned int device, struct range *range)
{
	const unsigned int kind = sequence_roll(sequence, 100);

	*range = kind < 55 ? choose_registered(sequence) :
		kind < 87 ? choose_recorded(sequence) :
		range_of_run(sequence->arena, choose_run(sequence));
	if (kind < 55 && sequence_roll(sequence, 4) == 0)
		range->iova = ELSEWHERE + sequence_roll(sequence, ARENA_PAGES) * ARENA_PAGE;
	if (kind >= 45 && kind < 55)
		cut(sequence, range);
	if (kind >= 75 && kind < 87)
		bend(sequence, range);
	if (kind >= 97)
		distort(sequence, range);
	return give(sequence, range);
}

struct range
choose_unmap(struct sequence *sequence, unsigned int *device, struct range *range)
{
	const struct record *record = choose_record(sequence);
	const unsigned int kind = sequence_roll(sequence, 100);

	*range = record != NULL && kind < 90 ? record->range :
		range_of_run(sequence->arena, choose_run(sequence));
	if (record != NULL && kind < 80)
		*device = record->device;
	if (kind >= 65 && kind < 80)
		bend(sequence, range);
	if (kind >= 97)
		distort(sequence, range);
	return give(sequence, range);
}
