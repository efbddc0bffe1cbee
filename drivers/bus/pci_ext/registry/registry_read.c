/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * registry: the functions that copy what it has. They hold the table lock while they copy, and
 * never wait.
 */
#include <stddef.h>
#include <string.h>

#include "registry/devices.h"
#include "common/interval.h"
#include "registry/lock.h"
#include "registry/record.h"
#include "registry/registry.h"

#define FOREACH_DEVICE(entry)                                                                      \
	for ((entry) = pci_ext_devices_after(""); (entry) != NULL;                                 \
		(entry) = pci_ext_devices_next(entry))

static void
copy_backend(const struct pci_ext_device_entry *entry, char backend[PCI_EXT_NAME_SIZE])
{
	backend[0] = '\0';
	if (entry->backend != NULL)
		strncat(backend, entry->backend->name, PCI_EXT_NAME_SIZE - 1);
}

static void
copy_mapping(const struct pci_ext_device_entry *entry, const struct pci_ext_record *record,
	struct pci_ext_mapping *copy)
{
	memcpy(copy->device, entry->name, sizeof(copy->device));
	copy_backend(entry, copy->backend);
	copy->addr = record->range.addr;
	copy->iova = record->range.iova;
	copy->len = record->range.len;
	copy->references = record->references;
	copy->state = record->state;
	copy->age = pci_ext_record_age(record);
	copy->is_dmabuf = record->dmabuf != NULL;
	copy->access = record->range.access;
}

static void
copy_device(const struct pci_ext_device_entry *entry, struct pci_ext_device *copy)
{
	memcpy(copy->name, entry->name, sizeof(copy->name));
	copy_backend(entry, copy->backend);
	copy->present = entry->presence != PCI_EXT_ABSENT;
	copy->active = entry->active;
	copy->pending = entry->pending;
	copy->active_bytes = entry->active_bytes;
}

size_t
pci_ext_registry_copy_mappings(const char *name, struct pci_ext_mapping *mappings, size_t max)
{
	struct pci_ext_interval *at;
	struct pci_ext_device_entry *entry;
	size_t n = 0;

	pci_ext_table_lock();
	FOREACH_DEVICE(entry)
	{
		if (name != NULL && strcmp(name, entry->name) != 0)
			continue;
		PCI_EXT_INTERVAL_FOREACH(at, &entry->by_addr)
		{
			if (n < max)
				copy_mapping(entry,
					PCI_EXT_CONTAINER(at, struct pci_ext_record, by_addr),
					&mappings[n]);
			n++;
		}
	}
	pci_ext_table_unlock();
	return n;
}

size_t
pci_ext_registry_copy_devices(const char *name, struct pci_ext_device *copies, size_t max)
{
	struct pci_ext_device_entry *entry;
	size_t n = 0;

	pci_ext_table_lock();
	FOREACH_DEVICE(entry)
	{
		if (name != NULL && strcmp(name, entry->name) != 0)
			continue;
		if (n < max)
			copy_device(entry, &copies[n]);
		n++;
	}
	pci_ext_table_unlock();
	return n;
}

void
pci_ext_registry_count(struct pci_ext_registry_totals *totals)
{
	struct pci_ext_device_entry *entry;

	*totals = (struct pci_ext_registry_totals){0};
	pci_ext_table_lock();
	FOREACH_DEVICE(entry)
	{
		totals->devices++;
		totals->active += entry->active;
		totals->pending += entry->pending;
		totals->active_bytes += entry->active_bytes;
	}
	pci_ext_table_unlock();
}

static size_t
copy_mapped(const struct pci_ext_device_entry *entry, uint64_t first, uint64_t last,
	struct pci_ext_lookup_entry *entries, size_t max)
{
	struct pci_ext_interval *at;
	const struct pci_ext_record *record;
	size_t n = 0;

	at = pci_ext_interval_find_overlap(&entry->by_addr, first, last);
	for (; at != NULL && at->first <= last; at = pci_ext_interval_next(&entry->by_addr, at)) {
		record = PCI_EXT_CONTAINER(at, struct pci_ext_record, by_addr);
		if (at->last < first || !record->is_mapped)
			continue;
		if (n < max)
			entries[n] = (struct pci_ext_lookup_entry){at->first, at->last, at->tie,
				record->registration, !pci_ext_range_writes(&record->range)};
		n++;
	}
	return n;
}

size_t
pci_ext_registry_copy_mapped(const char *name, uint64_t first, uint64_t last,
	struct pci_ext_registry_device *device, struct pci_ext_lookup_entry *entries, size_t max)
{
	const struct pci_ext_device_entry *entry;
	size_t n = 0;

	*device = (struct pci_ext_registry_device){NULL, NULL};
	pci_ext_table_lock();
	entry = pci_ext_devices_find(name);
	if (entry != NULL) {
		if (entry->presence == PCI_EXT_PRESENT)
			device->dev = entry->target.dev;
		device->backend = entry->backend;
		n = copy_mapped(entry, first, last, entries, max);
	}
	pci_ext_table_unlock();
	return n;
}

static bool
has(const char *name, const struct pci_ext_range *range, bool only_stale)
{
	const struct pci_ext_device_entry *entry;
	const struct pci_ext_record *record = NULL;
	bool matches;

	pci_ext_table_lock();
	entry = pci_ext_devices_find(name);
	if (entry != NULL)
		record = pci_ext_record_find(entry, range);
	matches = record != NULL &&
		  (!only_stale || pci_ext_conflict_is_stale(&record->range, record->registration));
	pci_ext_table_unlock();
	return matches;
}

bool
pci_ext_registry_has(const char *name, const struct pci_ext_range *range)
{
	return has(name, range, false);
}

bool
pci_ext_registry_has_stale(const char *name, const struct pci_ext_range *range)
{
	return has(name, range, true);
}

bool
pci_ext_registry_is_calling(void)
{
	struct pci_ext_device_entry *entry;
	bool is_calling;

	pci_ext_table_lock();
	is_calling = pci_ext_device_lock_is_mine(&pci_ext_shared_lock);
	FOREACH_DEVICE(entry)
	is_calling = is_calling || pci_ext_device_lock_is_mine(&entry->lock);
	pci_ext_table_unlock();
	return is_calling;
}
