/* SPDX-License-Identifier: BSD-3-Clause */
/* The records, and what calls do with them. */
#include <stddef.h>
#include <string.h>

#include "model.h"

#define FOREACH_RECORD(record, model)                                                              \
	for ((record) = (model)->records; (record) < &(model)->records[MODEL_RECORDS]; (record)++) \
		if ((record)->references != 0)

#define FOREACH_MAPPING(mapping, model)                                                            \
	for ((mapping) = (model)->mappings; (mapping) < &(model)->mappings[MODEL_RECORDS];         \
		(mapping)++)                                                                       \
		if ((mapping)->holders != 0)

struct record *
model_find(struct model *model, unsigned int device, const struct range *range)
{
	struct record *record;

	FOREACH_RECORD(record, model)
		if (record->device == device && range_is_same(&record->range, range))
			return record;
	return NULL;
}

/* EAL no longer knows what was registered then, or knows something else there. */
static bool
has_changed(const struct model *model, const struct range *range, const uint32_t *registrations)
{
	struct run run;
	unsigned int i;

	if (!arena_run(model->arena, range->addr, range->len, &run))
		return true;
	for (i = run.first; i < run.first + run.n; i++)
		if (model->arena->pages[i].registration != registrations[i])
			return true;
	return false;
}

bool
model_is_stale(const struct model *model, const struct record *record)
{
	return has_changed(model, &record->range, record->registrations);
}

bool
model_is_stale_mapping(const struct model *model, const struct mapping *mapping)
{
	return has_changed(model, &mapping->range, mapping->registrations);
}

bool
model_is_active(const struct record *record)
{
	return record->mapping != NULL || record->is_ended;
}

static bool
covers_page(const struct model *model, const struct range *range, unsigned int page)
{
	const struct range whole = range_of_run(model->arena, (struct run){page, 1});

	return range_overlaps_addr(range, &whole);
}

/* The first mapping of a page locks it, the last one unlocks it. */
static void
note_locks(struct model *model, const struct mapping *changed, bool locked)
{
	const struct mapping *other;
	unsigned int i, others;

	for (i = 0; i < ARENA_PAGES; i++) {
		if (!covers_page(model, &changed->range, i))
			continue;
		others = 0;
		FOREACH_MAPPING(other, model)
			others += other != changed && covers_page(model, &other->range, i);
		if (others == 0)
			model->arena->pages[i].is_locked = locked;
	}
}

static struct mapping *
join_mapping(struct model *model, const struct range *range)
{
	struct mapping *mapping;

	FOREACH_MAPPING(mapping, model) {
		if (model->vfio && range_is_same(&mapping->range, range)) {
			mapping->holders++;
			return mapping;
		}
	}
	return NULL;
}

static struct mapping *
new_mapping(struct model *model, const struct range *range)
{
	struct mapping *mapping = model->mappings;
	unsigned int i;

	while (mapping->holders != 0)
		mapping++;
	*mapping = (struct mapping){.holders = 1, .range = *range};
	for (i = 0; i < ARENA_PAGES; i++) {
		mapping->registrations[i] = model->arena->pages[i].registration;
		mapping->memory[i] = model->arena->pages[i].memory;
	}
	note_locks(model, mapping, true);
	return mapping;
}

static void
release_mapping(struct model *model, struct record *record)
{
	struct mapping *mapping = record->mapping;

	record->mapping = NULL;
	if (mapping == NULL || --mapping->holders != 0)
		return;
	note_locks(model, mapping, false);
}

/* For all that hold it. */
static void
end_mapping(struct model *model, struct mapping *mapping)
{
	struct record *record;

	FOREACH_RECORD(record, model) {
		if (record->mapping != mapping)
			continue;
		release_mapping(model, record);
		record->is_ended = true;
	}
}

static void
remove_record(struct model *model, struct record *record)
{
	release_mapping(model, record);
	memset(record, 0, sizeof(*record));
}

/* Whether a stale record must not outlast a map of the range. */
static bool
gives_way(const struct model *model, const struct record *record, const struct range *range)
{
	return model->vfio && model->present[record->device] ?
		range_overlaps_iova(&record->range, range) :
		range_overlaps_addr(&record->range, range);
}

static void
mark_stale(struct model *model, const struct range *range)
{
	struct mapping *mapping;
	struct record *record;

	FOREACH_RECORD(record, model)
		if (model_is_stale(model, record) && (range_overlaps_addr(&record->range, range) ||
				range_overlaps_iova(&record->range, range)))
			record->may_be_gone = true;
	FOREACH_MAPPING(mapping, model)
		if (model_is_stale_mapping(model, mapping) &&
				range_overlaps_iova(&mapping->range, range))
			mapping->is_doubtful = true;
}

/* A map of the range by the device has succeeded. */
static void
end_stale(struct model *model, unsigned int device, const struct range *range)
{
	struct mapping *mapping;
	struct record *record;

	if (model->vfio && model->present[device])
		FOREACH_MAPPING(mapping, model)
			if (model_is_stale_mapping(model, mapping) &&
					range_overlaps_iova(&mapping->range, range))
				end_mapping(model, mapping);
	FOREACH_RECORD(record, model)
		if (record->device == device && model_is_stale(model, record) &&
				gives_way(model, record, range))
			remove_record(model, record);
	mark_stale(model, range);
}

static void
make(struct model *model, struct record *record)
{
	record->mapping = join_mapping(model, &record->range);
	if (record->mapping == NULL)
		record->mapping = new_mapping(model, &record->range);
}

static struct record *
new_record(struct model *model, unsigned int device, const struct range *range)
{
	struct record *record = model->records;
	unsigned int i;

	while (record->references != 0)
		record++;
	*record = (struct record){.references = 1, .device = device, .range = *range};
	for (i = 0; i < ARENA_PAGES; i++)
		record->registrations[i] = model->arena->pages[i].registration;
	return record;
}

void
model_mapped(struct model *model, unsigned int device, const struct range *range)
{
	struct record *record = model_find(model, device, range);

	if (record != NULL && !model_is_stale(model, record)) {
		record->references++;
		if (record->mapping != NULL || !model->present[device])
			return;
		end_stale(model, device, range);
	} else {
		end_stale(model, device, range);
		record = new_record(model, device, range);
	}
	if (model->present[device])
		make(model, record);
}

void
model_not_mapped(struct model *model, unsigned int device, const struct range *range)
{
	if (range_fits(range))
		mark_stale(model, range);
}

void
model_unmapped(struct model *model, unsigned int device, const struct range *range)
{
	struct record *record = model_find(model, device, range);

	if (record->references > 1)
		record->references--;
	else
		remove_record(model, record);
}

void
model_unplugged(struct model *model, unsigned int device)
{
	struct record *record;

	FOREACH_RECORD(record, model) {
		if (record->device != device)
			continue;
		release_mapping(model, record);
		record->is_ended = false;
	}
	model->present[device] = false;
}

void
model_plugged(struct model *model, unsigned int device)
{
	struct record *record;

	model->present[device] = true;
	FOREACH_RECORD(record, model)
		if (record->device == device && model_is_stale(model, record))
			remove_record(model, record);
}

bool
model_replay(struct model *model, struct record *record, bool is_active)
{
	const struct errors errors = model_expect_map(model, record->device, &record->range);

	if (!is_active) {
		mark_stale(model, &record->range);
		return (errors.must | errors.may) != 0;
	}
	end_stale(model, record->device, &record->range);
	make(model, record);
	return errors.must == 0;
}

void
model_gone(struct model *model, struct record *record)
{
	if (record->mapping != NULL)
		end_mapping(model, record->mapping);
	remove_record(model, record);
}

/* VFIO counts the pages of each mapping, mlock() each page once. */
bool
model_pins(const struct model *model, unsigned int *pages)
{
	const struct mapping *mapping;
	unsigned int i;

	*pages = 0;
	for (i = 0; i < ARENA_PAGES; i++)
		*pages += model->vfio ? model->arena->pages[i].has_iova :
			model->arena->pages[i].is_locked;
	FOREACH_MAPPING(mapping, model) {
		if (mapping->is_doubtful)
			return false;
		if (model->vfio)
			*pages += mapping->range.len / ARENA_PAGE;
	}
	return true;
}
