/* SPDX-License-Identifier: BSD-3-Clause */
/* The list of pci_ext, its answers about bytes, and the kernel's count of pinned memory. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pci_ext.h"
#include "pins.h"
#include "sequence.h"

#define GRAIN UINT64_C(256)	/* ranges begin and end at multiples of this */
#define OFFSET(sequence, at) ((at) - (sequence)->arena->base)

struct list {
	struct pci_ext_mapping mappings[2 * MODEL_RECORDS];
	unsigned int n;
};

static int
add_to_list(const struct pci_ext_mapping *mapping, void *arg)
{
	struct list *list = arg;

	if (list->n < 2 * MODEL_RECORDS)
		list->mappings[list->n++] = *mapping;
	return 0;
}

static void
read_list(struct list *list, const char *device)
{
	list->n = 0;
	pci_ext_mapping_iterate(device, add_to_list, list);
}

static const char *
name_of(const struct sequence *sequence, unsigned int device)
{
	return sequence->fleet->list.rigs[device].name;
}

static unsigned int
device_of(const struct sequence *sequence, const char *name)
{
	unsigned int i = 0;

	while (i < sequence->model.n_devices && strcmp(name_of(sequence, i), name) != 0)
		i++;
	return i;
}

static struct range
range_of(const struct pci_ext_mapping *mapping)
{
	return (struct range){mapping->addr, mapping->iova, mapping->len};
}

static struct record *
record_of(struct sequence *sequence, const struct pci_ext_mapping *mapping)
{
	const struct range range = range_of(mapping);

	return model_find(&sequence->model, device_of(sequence, mapping->device), &range);
}

static bool
is_listed(const struct sequence *sequence, const struct list *list, const struct record *record)
{
	const char *name = name_of(sequence, record->device);
	unsigned int i;

	for (i = 0; i < list->n; i++) {
		const struct range range = range_of(&list->mappings[i]);

		if (range_is_same(&range, &record->range) &&
				strcmp(list->mappings[i].device, name) == 0)
			return true;
	}
	return false;
}

/* Those that may be gone: the list decides. The others have to be there. */
static void
look_for_records(struct sequence *sequence, const struct list *list)
{
	struct record *record = sequence->model.records;

	for (; record < &sequence->model.records[MODEL_RECORDS]; record++) {
		if (record->references == 0)
			continue;
		if (is_listed(sequence, list, record)) {
			record->may_be_gone = false;
			continue;
		}
		if (!record->may_be_gone && !record->is_ended)
			sequence_violation(sequence, "not listed: device %u +0x%" PRIx64
				" iova 0x%" PRIx64 " len 0x%" PRIx64, record->device,
				OFFSET(sequence, record->range.addr), record->range.iova,
				record->range.len);
		model_gone(&sequence->model, record);
	}
}

static void
look_at_listed(struct sequence *sequence, const struct pci_ext_mapping *mapping)
{
	const struct record *record = record_of(sequence, mapping);
	const char *backend = sequence->model.vfio ? "vfio" : "driver";
	unsigned int references = record != NULL ? record->references : 0;
	bool is_active = record != NULL && model_is_active(record);

	if (references == mapping->references && is_active == (mapping->state == PCI_EXT_ACTIVE) &&
			(!is_active || strcmp(mapping->backend, backend) == 0))
		return;
	sequence_violation(sequence, "listed: %s +0x%" PRIx64 " iova 0x%" PRIx64 " len 0x%" PRIx64
		" by %s, %u references, state %d; required: %u references, state %d",
		mapping->device, OFFSET(sequence, mapping->addr), mapping->iova, mapping->len,
		mapping->backend, mapping->references, mapping->state, references,
		is_active ? PCI_EXT_ACTIVE : PCI_EXT_PENDING);
}

static void
look_at_sums(struct sequence *sequence, unsigned int device)
{
	struct pci_ext_device info, required = {.present = sequence->model.present[device]};
	const struct record *record = sequence->model.records;

	for (; record < &sequence->model.records[MODEL_RECORDS]; record++) {
		if (record->references == 0 || record->device != device)
			continue;
		required.active += model_is_active(record);
		required.pending += !model_is_active(record);
		required.active_bytes += model_is_active(record) ? record->range.len : 0;
	}
	if (pci_ext_device_query(name_of(sequence, device), &info) != 0)
		info = (struct pci_ext_device){0};
	if (info.present != required.present || info.active != required.active ||
			info.pending != required.pending ||
			info.active_bytes != required.active_bytes)
		sequence_violation(sequence, "device %u: present %d, %" PRIu64 " active, %" PRIu64
			" pending, %" PRIu64 " bytes", device, info.present, info.active,
			info.pending, info.active_bytes);
}

void
look_at_replay(struct sequence *sequence, unsigned int device)
{
	struct list list;
	unsigned int i;

	read_list(&list, name_of(sequence, device));
	for (i = 0; i < list.n; i++) {
		struct record *record = record_of(sequence, &list.mappings[i]);
		bool is_active = list.mappings[i].state == PCI_EXT_ACTIVE;

		if (record == NULL)
			continue; /* look_at_all() reports it */
		(*(is_active ? &sequence->tally->replayed : &sequence->tally->pending))++;
		if (!model_replay(&sequence->model, record, is_active))
			sequence_violation(sequence, "after the probe: device %u +0x%" PRIx64 " %s",
				device, OFFSET(sequence, record->range.addr),
				is_active ? "is mapped" : "is pending");
	}
}

/* The answer for a byte that no record has. */
static bool
is_right_for_eal(const struct sequence *sequence, const struct arena_page *page,
	const struct pci_ext_answer *answer)
{
	if (!sequence->model.vfio)
		return answer->state == (page->is_heap ? PCI_EXT_IS_UNKNOWN : PCI_EXT_IS_UNMAPPED);
	if (page->has_iova)
		return answer->state == PCI_EXT_IS_MAPPED && answer->by == PCI_EXT_BY_EAL;
	return answer->state == PCI_EXT_IS_UNMAPPED && answer->by == PCI_EXT_BY_NOBODY;
}

/* Whether the answer for a byte is a right one: one for each record that has it. */
static bool
is_right(struct sequence *sequence, unsigned int device, uint64_t at,
	const struct pci_ext_answer *answer, unsigned int *holders)
{
	const struct range byte = {at, at, 1};
	const struct record *record = sequence->model.records;
	bool right = false, stale;

	for (*holders = 0; record < &sequence->model.records[MODEL_RECORDS]; record++) {
		if (record->references == 0 || record->device != device ||
				!model_is_active(record) ||
				!range_overlaps_addr(&record->range, &byte))
			continue;
		(*holders)++;
		stale = model_is_stale(&sequence->model, record);
		right |= answer->state == (stale ? PCI_EXT_IS_STALE : PCI_EXT_IS_MAPPED) &&
			answer->by == PCI_EXT_BY_CALL &&
			answer->iova == record->range.iova + (at - record->range.addr);
	}
	return *holders != 0 ? right :
		is_right_for_eal(sequence, arena_at(sequence->arena, at), answer);
}

/* Returns false at a byte that several records have, or with a violation. */
static bool
look_at_byte(struct sequence *sequence, unsigned int device, uint64_t at, bool *is_mapped)
{
	const struct rte_device *dev = sequence->fleet->list.rigs[device].dev;
	struct pci_ext_answer answer = {0};
	unsigned int holders = 0;
	int ret = pci_ext_query(dev, (const void *)(uintptr_t)at, 1, &answer);

	if (ret != 0 || !is_right(sequence, device, at, &answer, &holders)) {
		sequence_violation(sequence, "query: device %u +0x%" PRIx64 ": %d, state %d, by %d,"
			" iova 0x%" PRIx64, device, OFFSET(sequence, at), ret, answer.state,
			answer.by, answer.iova);
		return false;
	}
	*is_mapped = answer.state == PCI_EXT_IS_MAPPED;
	return holders <= 1;
}

/* Some pages: the answer for all bytes is that for one after the other. */
static void
look_at_range(struct sequence *sequence, unsigned int device)
{
	const struct run run = choose_run(sequence);
	const uint64_t first = sequence->arena->base + run.first * ARENA_PAGE;
	const uint64_t end = first + run.n * ARENA_PAGE;
	struct pci_ext_answer answer = {0};
	bool is_mapped = true;
	uint64_t at = first;

	for (; at < end; at += GRAIN) {
		if (!look_at_byte(sequence, device, at, &is_mapped))
			return;
		if (!is_mapped)
			break;
	}
	pci_ext_query(sequence->fleet->list.rigs[device].dev, (const void *)(uintptr_t)first,
		end - first, &answer);
	if (answer.len != at - first || (answer.state == PCI_EXT_IS_MAPPED) != (at == end))
		sequence_violation(sequence, "query: device %u +0x%" PRIx64 " len 0x%" PRIx64
			": state %d, 0x%" PRIx64 " bytes, not 0x%" PRIx64, device,
			OFFSET(sequence, first), end - first, answer.state, answer.len, at - first);
}

static void
look_at_answers(struct sequence *sequence, unsigned int device)
{
	bool is_mapped;
	unsigned int i;

	for (i = 0; i < ARENA_PAGES; i++)
		look_at_byte(sequence, device, sequence->arena->base + i * ARENA_PAGE, &is_mapped);
	look_at_range(sequence, device);
}

/* The kernel counts those of VFIO as locked; and the software HCA locks them by SOFTHCA_PIN=1. */
long
look_at_pins(bool vfio)
{
	return vfio || getenv("SOFTHCA_PIN") != NULL ? pins_read().locked : -1;
}

/* A port that is there pins memory of its own; a container without a device pins nothing. */
static bool
has_all_devices(const struct model *model)
{
	unsigned int i;

	for (i = 0; i < model->n_devices; i++)
		if (!model->present[i])
			return false;
	return true;
}

static void
compare_pins(struct sequence *sequence)
{
	const long page_kb = ARENA_PAGE / 1024;
	unsigned int pages;
	long kb;

	if (sequence->pins < 0 || !has_all_devices(&sequence->model) ||
			!model_pins(&sequence->model, &pages))
		return;
	kb = look_at_pins(sequence->model.vfio) - sequence->pins;
	if (kb != pages * page_kb)
		sequence_violation(sequence, "pinned: %ld KiB, not %ld", kb, pages * page_kb);
}

void
look_at_all(struct sequence *sequence)
{
	struct list list;
	unsigned int i;

	read_list(&list, NULL);
	look_for_records(sequence, &list);
	for (i = 0; i < list.n; i++)
		look_at_listed(sequence, &list.mappings[i]);
	for (i = 0; i < sequence->model.n_devices; i++) {
		look_at_sums(sequence, i);
		if (sequence->model.present[i])
			look_at_answers(sequence, i);
	}
	compare_pins(sequence);
}

void
look_and_unmap(struct sequence *sequence)
{
	struct list list;
	unsigned int i, k;

	read_list(&list, NULL);
	for (i = 0; i < list.n; i++) {
		const struct range range = range_of(&list.mappings[i]);

		for (k = 0; k < list.mappings[i].references; k++)
			fleet_unmap(sequence->fleet, device_of(sequence, list.mappings[i].device),
				&range, true);
	}
}
