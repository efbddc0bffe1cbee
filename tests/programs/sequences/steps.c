/* SPDX-License-Identifier: BSD-3-Clause */
/* The steps: each makes one call of DPDK or of the kernel, and compares its result. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "error_name.h"
#include "sequence.h"

#define RANGE_FMT "+0x%" PRIx64 " iova 0x%" PRIx64 " len 0x%" PRIx64

static const char *
result_name(int error)
{
	return error == 0 ? "0" : error_name(error);
}

static void
write_errors(uint64_t set, char *text, size_t size)
{
	static const int known[] = {ENOENT, EFAULT, EEXIST, EINVAL, ENOTSUP};
	size_t used = 0, i;

	text[0] = '\0';
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if ((set & error_bit(known[i])) != 0 && used < size)
			used += snprintf(text + used, size - used, " %s", result_name(known[i]));
}

static bool
compare(struct sequence *sequence, const char *call, int error, const struct errors *errors)
{
	char must[64], may[64];

	sequence->tally->refused[error > 0 ? error % 64 : 0]++;
	if (error >= 0 && errors_allow(errors, error))
		return true;
	write_errors(errors->must, must, sizeof(must));
	write_errors(errors->may, may, sizeof(may));
	sequence_violation(sequence, "%s: %s; required:%s; possible:%s%s", call, result_name(error),
		must, errors->must == 0 ? " 0" : "", may);
	return false;
}

static unsigned int
choose_device(struct sequence *sequence)
{
	return sequence_roll(sequence, sequence->model.n_devices);
}

static void
count_map(struct sequence *sequence, unsigned int device, const struct range *range)
{
	const struct record *record = model_find(&sequence->model, device, range);

	sequence->tally->maps++;
	if (record != NULL)
		(*(model_is_stale(&sequence->model, record) ? &sequence->tally->renewed :
			&sequence->tally->counted))++;
}

static void
step_map(struct sequence *sequence, unsigned int device)
{
	struct model *model = &sequence->model;
	const bool by_name = !model->present[device] || sequence_roll(sequence, 5) == 0;
	struct range range, given = choose_map(sequence, device, &range);
	const struct errors errors = model_expect_map(model, device, &range);
	int error = fleet_map(sequence->fleet, device, &given, by_name);

	sequence_note(sequence, "map%s %u " RANGE_FMT ": %s", by_name ? " by name" : "", device,
		range.addr - sequence->arena->base, given.iova, given.len, result_name(error));
	compare(sequence, "map", error, &errors);
	if (error != 0) {
		model_not_mapped(model, device, &range);
		return;
	}
	count_map(sequence, device, &range);
	if (errors.must == 0)
		model_mapped(model, device, &range);
}

static void
unmap(struct sequence *sequence, unsigned int device, const struct range *range,
	const struct range *given, bool by_name)
{
	struct model *model = &sequence->model;
	const struct errors errors = model_expect_unmap(model, device, range, by_name);
	int error = fleet_unmap(sequence->fleet, device, given, by_name);

	sequence_note(sequence, "unmap%s %u " RANGE_FMT ": %s", by_name ? " by name" : "", device,
		range->addr - sequence->arena->base, given->iova, given->len, result_name(error));
	if (!compare(sequence, "unmap", error, &errors) || error != 0)
		return;
	sequence->tally->unmaps++;
	model_unmapped(model, device, range);
}

void
step_unmap(struct sequence *sequence, unsigned int device, const struct range *range, bool by_name)
{
	unmap(sequence, device, range, range, by_name);
}

static void
step_unmap_any(struct sequence *sequence, unsigned int device)
{
	struct range range, given = choose_unmap(sequence, &device, &range);
	const bool by_name = !sequence->model.present[device] || sequence_roll(sequence, 5) == 0;

	unmap(sequence, device, &range, &given, by_name);
}

/* A change of the arena, of which error is required. */
static void
change(struct sequence *sequence, const char *what, struct run run, int error, int required)
{
	sequence_note(sequence, "%s pages %u to %u: %s", what, run.first, run.first + run.n - 1,
		result_name(error));
	if (error != required)
		sequence_violation(sequence, "%s: %s, not %s", what, result_name(error),
			result_name(required));
}

/* New, or one that is there already. EAL takes overlapping ones, of which it then finds any. */
static void
step_register(struct sequence *sequence, unsigned int device)
{
	struct arena *arena = sequence->arena;
	struct run run = choose_run(sequence), piece = arena_piece(arena, run.first);

	if (arena_is_free(arena, run))
		change(sequence, "register", run, arena_register(arena, run), 0);
	else if (piece.n != 0 && !arena_has_heap(arena, piece))
		change(sequence, "register", piece, arena_register(arena, piece), EEXIST);
}

static void
step_unregister(struct sequence *sequence, unsigned int device)
{
	struct arena *arena = sequence->arena;
	struct run run = choose_run(sequence), piece = arena_piece(arena, run.first);

	if (piece.n != 0 && arena_has_heap(arena, piece))
		return;
	if (piece.n == 0)
		change(sequence, "unregister", run, arena_unregister(arena, run), ENOENT);
	else
		change(sequence, "unregister", piece, arena_unregister(arena, piece), 0);
}

/* Other pages at addresses that may be mapped; not in the heap, which has its own data there. */
static void
step_replace(struct sequence *sequence, unsigned int device)
{
	struct run run = choose_run(sequence);

	if (arena_has_heap(sequence->arena, run))
		return;
	sequence->tally->replaced++;
	if (sequence_roll(sequence, 3) == 0)
		change(sequence, "munmap", run, arena_punch(sequence->arena, run), 0);
	else
		change(sequence, "munmap and mmap", run, arena_replace(sequence->arena, run), 0);
}

/* Whether some device has mapped these IOVAs: then the program must not let EAL map them too. */
static bool
is_in_use(const struct model *model, struct run run)
{
	const struct range range = range_of_run(model->arena, run);
	unsigned int i;

	for (i = 0; i < MODEL_RECORDS; i++)
		if (model->mappings[i].holders != 0 &&
				range_overlaps_iova(&model->mappings[i].range, &range))
			return true;
	return false;
}

static void
add_heap_memory(struct sequence *sequence, struct run run)
{
	const bool with_iovas = sequence_roll(sequence, 3) == 0 &&
		!is_in_use(&sequence->model, run);

	sequence->tally->heaps++;
	change(sequence, with_iovas ? "heap memory add, with IOVAs" : "heap memory add", run,
		arena_heap_add(sequence->arena, run, with_iovas), 0);
}

/*
 * Without memory events, memory that was removed from a heap and added again is taken for the old
 * memory, as the contract says: nothing of it may be mapped.
 */
static bool
may_remove(const struct sequence *sequence, struct run piece)
{
	const struct range range = range_of_run(sequence->arena, piece);
	const struct record *record = sequence->model.records;

	for (; record < &sequence->model.records[MODEL_RECORDS]; record++)
		if (record->references != 0 && range_overlaps_addr(&record->range, &range))
			return sequence->arena->is_told;
	return true;
}

/* False: it has to stay. */
static bool
remove_heap_memory(struct sequence *sequence, struct run piece)
{
	if (!may_remove(sequence, piece))
		return false;
	change(sequence, "heap memory remove", piece, arena_heap_remove(sequence->arena, piece), 0);
	return true;
}

static void
step_heap_memory(struct sequence *sequence, unsigned int device)
{
	struct arena *arena = sequence->arena;
	struct run run = choose_run(sequence), piece = arena_piece(arena, run.first);

	if (piece.n != 0 && arena_has_heap(arena, piece))
		remove_heap_memory(sequence, piece);
	else if (arena->heap && arena_is_free(arena, run) && arena_is_whole(arena, run))
		add_heap_memory(sequence, run);
}

/* The same memory, known to EAL anew: what has been mapped of it is stale. */
static void
step_renew(struct sequence *sequence, unsigned int device)
{
	struct arena *arena = sequence->arena;
	struct run piece = arena_piece(arena, choose_run(sequence).first);

	if (piece.n != 0 && arena_has_heap(arena, piece)) {
		if (remove_heap_memory(sequence, piece))
			add_heap_memory(sequence, piece);
	} else if (piece.n != 0) {
		change(sequence, "unregister", piece, arena_unregister(arena, piece), 0);
		change(sequence, "register", piece, arena_register(arena, piece), 0);
	}
}

static void
step_heap(struct sequence *sequence, unsigned int device)
{
	const struct run all = {0, ARENA_PAGES};
	struct arena *arena = sequence->arena;
	const bool exists = arena->heap, used = arena_has_heap(arena, all);

	if (sequence_roll(sequence, exists ? 3 : 8) != 0)
		change(sequence, "heap create", all, arena_heap_create(arena), exists ? EEXIST : 0);
	else
		change(sequence, "heap destroy", all, arena_heap_destroy(arena),
			!exists ? ENOENT : used ? EBUSY : 0);
}

void
step_plug(struct sequence *sequence, unsigned int device)
{
	char err[256];

	sequence->tally->plugs++;
	sequence_note(sequence, "plug %u", device);
	if (fleet_plug(sequence->fleet, device, err, sizeof(err)) != 0) {
		sequence_violation(sequence, "%s", err);
		return;
	}
	model_plugged(&sequence->model, device);
	look_at_replay(sequence, device);
}

static void
step_hotplug(struct sequence *sequence, unsigned int device)
{
	char err[256];

	if (!sequence->model.present[device]) {
		step_plug(sequence, device);
		return;
	}
	sequence_note(sequence, "unplug %u", device);
	if (fleet_unplug(sequence->fleet, device, err, sizeof(err)) != 0)
		sequence_violation(sequence, "%s", err);
	else
		model_unplugged(&sequence->model, device);
}

static const struct {
	unsigned int weight;
	void (*take)(struct sequence *sequence, unsigned int device);
} steps[] = {
	{36, step_map},
	{18, step_unmap_any},
	{16, step_register},
	{6, step_unregister},
	{8, step_renew},
	{7, step_replace},
	{8, step_heap_memory},
	{3, step_heap},
	{4, step_hotplug},
};

void
step_begin(struct sequence *sequence)
{
	step_register(sequence, 0);
	step_register(sequence, 0);
	if (sequence_roll(sequence, 2) == 0)
		step_heap(sequence, 0);
	step_heap_memory(sequence, 0);
	step_register(sequence, 0);
}

void
step_take(struct sequence *sequence)
{
	unsigned int i, at, sum = 0;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		sum += steps[i].weight;
	at = sequence_roll(sequence, sum);
	for (i = 0; at >= steps[i].weight; i++)
		at -= steps[i].weight;
	sequence->tally->steps++;
	steps[i].take(sequence, choose_device(sequence));
}
