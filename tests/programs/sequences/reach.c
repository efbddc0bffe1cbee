/* SPDX-License-Identifier: BSD-3-Clause */
/* What the device can read, and what it cannot. */
#include <inttypes.h>

#include "sequence.h"

#define READ UINT64_C(512)

enum reach { REACH_NO, REACH_YES, REACH_UNKNOWN };

static bool
contains(const struct range *range, uint64_t addr, uint64_t iova)
{
	return addr - range->addr < range->len && READ <= range->len - (addr - range->addr) &&
		iova - range->iova == addr - range->addr;
}

/*
 * VFIO: the IOVA leads to the page that was there when it was mapped; a program that has another
 * one there since does not see what the device does.
 */
static enum reach
expect_vfio(const struct model *model, const struct range *piece)
{
	const unsigned int page = (piece->addr - model->arena->base) / ARENA_PAGE;
	const struct mapping *mapping = model->mappings;
	enum reach reach = REACH_NO;

	if (model->arena->pages[page].has_iova && piece->iova == piece->addr)
		return REACH_YES;
	for (; mapping < &model->mappings[MODEL_RECORDS]; mapping++) {
		if (mapping->holders == 0 || !range_overlaps_iova(&mapping->range, piece))
			continue;
		if (mapping->is_doubtful)
			return REACH_UNKNOWN;
		if (contains(&mapping->range, piece->addr, piece->iova) &&
				mapping->memory[page] == model->arena->pages[page].memory)
			reach = REACH_YES;
	}
	return reach;
}

/* The software HCA goes by the address, and has what is there now. */
static enum reach
expect_driver(const struct model *model, unsigned int device, const struct range *piece)
{
	const struct record *record = model->records;
	enum reach reach = REACH_NO;

	if (arena_at(model->arena, piece->addr)->is_heap)
		return REACH_UNKNOWN;
	for (; record < &model->records[MODEL_RECORDS]; record++) {
		if (record->references == 0 || record->device != device ||
				!range_overlaps_addr(&record->range, piece))
			continue;
		if (record->may_be_gone)
			return REACH_UNKNOWN;
		if (record->mapping != NULL)
			reach = contains(&record->range, piece->addr,
				record->range.iova + (piece->addr - record->range.addr)) ?
				REACH_YES : REACH_UNKNOWN;
	}
	return reach;
}

static bool
has_piece(const struct record *record)
{
	return record->references != 0 && record->range.len >= READ &&
		record->range.addr % ARENA_PAGE + READ <= ARENA_PAGE;
}

/* One of the records that a read fits into, or NULL. */
static const struct record *
choose_record(struct sequence *sequence)
{
	const struct record *record = sequence->model.records;
	unsigned int n = 0;

	for (; record < &sequence->model.records[MODEL_RECORDS]; record++)
		n += has_piece(record);
	if (n == 0)
		return NULL;
	n = sequence_roll(sequence, n);
	for (record = sequence->model.records; !has_piece(record) || n-- != 0; record++)
		;
	return record;
}

/* Mostly the beginning of a record, else anywhere: few places are mapped. */
static struct range
choose_piece(struct sequence *sequence)
{
	const uint64_t page = sequence_roll(sequence, ARENA_PAGES) * ARENA_PAGE;
	const uint64_t addr = sequence->arena->base + page;
	const struct record *record = sequence_roll(sequence, 4) == 0 ? NULL :
		choose_record(sequence);

	if (record != NULL)
		return (struct range){record->range.addr, record->range.iova, READ};
	return (struct range){addr, addr, READ};
}

static void
read_piece(struct sequence *sequence, unsigned int device, const struct range *piece)
{
	const enum reach reach = sequence->model.vfio ?
		expect_vfio(&sequence->model, piece) :
		expect_driver(&sequence->model, device, piece);
	enum moved moved;

	if (reach == REACH_UNKNOWN)
		return;
	moved = fleet_read(sequence->fleet, device, piece);
	(*(moved == MOVED ? &sequence->tally->moved : &sequence->tally->blocked))++;
	if (moved != (reach == REACH_YES ? MOVED : REFUSED))
		sequence_violation(sequence, "device %u %s +0x%" PRIx64 " iova 0x%" PRIx64, device,
			moved == MOVED ? "reaches" : moved == REFUSED ? "does not reach" :
			"moves the wrong data at", piece->addr - sequence->arena->base,
			piece->iova);
}

void
reach_try(struct sequence *sequence)
{
	const unsigned int device = sequence_roll(sequence, sequence->model.n_devices);
	const struct range piece = choose_piece(sequence);

	if (sequence_roll(sequence, sequence->reach) != 0 || !sequence->model.present[device] ||
			!fleet_moves_data(sequence->fleet, device))
		return;
	/* Written by the program: not where there is no page, nor over EAL's data of a heap. */
	if (arena_at(sequence->arena, piece.addr)->is_hole ||
			arena_at(sequence->arena, piece.addr)->is_heap)
		return;
	read_piece(sequence, device, &piece);
}
