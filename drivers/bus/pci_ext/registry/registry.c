/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * registry: the transactions. record changes the records of a device within one.
 *
 * Called by dispatch, replay, telemetry and the public API. A transaction runs from begin() to
 * end(): nodes it may insert are allocated before, removed ones are freed after; both are in a
 * struct pci_ext_prealloc. It holds the table lock except while it waits or calls a backend; a
 * device that it uses stays in the table throughout.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "registry/devices.h"
#include "common/interval.h"
#include "registry/lock.h"
#include "registry/prealloc.h"
#include "registry/record.h"
#include "registry/registry.h"

#define FOREACH_DEVICE(entry)                                                                      \
	for ((entry) = pci_ext_devices_after(""); (entry) != NULL;                                 \
		(entry) = pci_ext_devices_next(entry))

static _Atomic pci_ext_registry_changed_t watcher;

void
pci_ext_registry_watch(pci_ext_registry_changed_t changed)
{
	atomic_store(&watcher, changed);
}

/* After a transaction, without the table lock. */
static void
tell(const char *name, const struct pci_ext_range *range)
{
	pci_ext_registry_changed_t changed = atomic_load(&watcher);

	if (changed != NULL)
		changed(name, range->addr, pci_ext_range_last_addr(range));
}

/* That a device is PRESENT now, or no longer: no range is concerned. */
static void
tell_presence(const char *name)
{
	const struct pci_ext_range none = {.len = 1};

	tell(name, &none);
}

/* Take the lock, with a node of each kind preallocated. -ENOMEM: the lock is not held. */
static int
begin(struct pci_ext_prealloc *prealloc)
{
	*prealloc = (struct pci_ext_prealloc){NULL};
	/* Records are what runs out, if there are more maps than unmaps. */
	if (!pci_ext_prealloc_has_record()) {
		prealloc->record = malloc(sizeof(*prealloc->record));
		if (prealloc->record == NULL)
			return -ENOMEM;
	}
	pci_ext_table_lock();
	if (pci_ext_prealloc_take(prealloc))
		return 0;
	pci_ext_table_unlock();
	if (pci_ext_prealloc_fill(prealloc) != 0)
		return -ENOMEM;
	pci_ext_table_lock();
	return 0;
}

/* Take the lock for a transaction that inserts nothing. */
static void
begin_without(struct pci_ext_prealloc *prealloc)
{
	*prealloc = (struct pci_ext_prealloc){NULL};
	pci_ext_table_lock();
}

/* Release the lock, then free nodes that are not kept. */
static void
end(struct pci_ext_prealloc *prealloc)
{
	bool empty = pci_ext_prealloc_keep(prealloc);

	pci_ext_table_unlock();
	if (!empty)
		pci_ext_prealloc_free(prealloc);
}

static void
enter_device(struct pci_ext_device_entry *entry, const struct pci_ext_target *target,
	const struct pci_ext_backend *backend)
{
	entry->presence = PCI_EXT_PRESENT;
	entry->target = *target;
	entry->target.name = entry->name;
	entry->backend = backend;
}

/* After PCI_EXT_STALE. Ended records are freed at once: they may exceed a prealloc. */
static int
end_stale(struct pci_ext_device_entry *entry, struct pci_ext_conflict *conflict)
{
	struct pci_ext_prealloc ended = {NULL};
	int ret;

	ret = pci_ext_record_end_stale(entry, &ended, conflict);
	if (ret != 0)
		return ret;
	conflict->found = false;
	pci_ext_table_unlock();
	pci_ext_prealloc_free(&ended);
	tell(entry->name, &conflict->range);
	pci_ext_table_lock();
	return PCI_EXT_AGAIN;
}

/*
 * target->dev is valid only until the first wait: then the device may be LEAVING or removed, and
 * dev freed. So the registry's presence decides.
 */
static int
get_reference(struct pci_ext_device_entry *entry, const struct pci_ext_target *target,
	const struct pci_ext_range *range, uint64_t registration, struct pci_ext_prealloc *prealloc,
	struct pci_ext_conflict *conflict)
{
	int ret;

	do {
		if (target->dev != NULL && entry->presence != PCI_EXT_PRESENT)
			return -EINVAL;
		ret = pci_ext_record_get(entry, range, registration, prealloc, conflict);
		if (ret == PCI_EXT_STALE)
			ret = end_stale(entry, conflict);
	} while (ret == PCI_EXT_AGAIN);
	return ret;
}

int
pci_ext_registry_map(const struct pci_ext_target *target, const struct pci_ext_backend *backend,
	const struct pci_ext_range *range, uint64_t registration, struct pci_ext_dmabuf *dmabuf,
	struct pci_ext_conflict *conflict)
{
	struct pci_ext_device_entry *entry;
	struct pci_ext_prealloc prealloc;
	int ret;

	*conflict = (struct pci_ext_conflict){0};
	ret = begin(&prealloc);
	if (ret != 0) {
		pci_ext_dmabuf_destroy(dmabuf);
		return ret;
	}
	prealloc.dmabuf = dmabuf;
	entry = pci_ext_devices_obtain(target->name, &prealloc);
	if (target->dev != NULL && entry->presence != PCI_EXT_LEAVING)
		enter_device(entry, target, backend);
	ret = get_reference(entry, target, range, registration, &prealloc, conflict);
	pci_ext_devices_release(entry, &prealloc);
	end(&prealloc);
	tell(target->name, range);
	return ret;
}

static int
check_reference(struct pci_ext_device_entry *entry, const struct pci_ext_range *range,
	uint64_t registration, const struct pci_ext_dmabuf *dmabuf,
	const struct pci_ext_backend **backend, struct pci_ext_conflict *conflict)
{
	bool is_new;
	int ret;

	do
		ret = pci_ext_record_check(entry, range, registration, dmabuf, &is_new, conflict);
	while (ret == PCI_EXT_AGAIN);
	if (ret == PCI_EXT_STALE) { /* it would be ended, and the range then be new */
		conflict->found = false;
		is_new = entry->presence == PCI_EXT_PRESENT;
		ret = 0;
	}
	if (ret == 0 && is_new)
		*backend = entry->backend;
	return ret;
}

int
pci_ext_registry_check(const char *name, const struct pci_ext_range *range, uint64_t registration,
	const struct pci_ext_dmabuf *dmabuf, const struct pci_ext_backend **backend,
	struct pci_ext_conflict *conflict)
{
	struct pci_ext_prealloc prealloc;
	struct pci_ext_device_entry *entry;
	int ret = 0;

	*conflict = (struct pci_ext_conflict){0};
	*backend = NULL;
	begin_without(&prealloc);
	entry = pci_ext_devices_use(name);
	if (entry != NULL) {
		ret = check_reference(entry, range, registration, dmabuf, backend, conflict);
		pci_ext_devices_release(entry, &prealloc);
	}
	end(&prealloc);
	return ret;
}

int
pci_ext_registry_unmap(
	const char *name, const struct pci_ext_range *range, struct pci_ext_conflict *conflict)
{
	struct pci_ext_prealloc prealloc;
	struct pci_ext_device_entry *entry;
	int ret = -ENOENT;

	*conflict = (struct pci_ext_conflict){0};
	begin_without(&prealloc);
	entry = pci_ext_devices_use(name);
	if (entry != NULL) {
		while ((ret = pci_ext_record_put(entry, range, &prealloc, conflict)) ==
			PCI_EXT_AGAIN)
			;
		pci_ext_devices_release(entry, &prealloc);
	}
	end(&prealloc);
	tell(name, range);
	return ret;
}

int
pci_ext_registry_attach(const struct pci_ext_target *target, const struct pci_ext_backend *backend)
{
	struct pci_ext_prealloc prealloc;
	struct pci_ext_device_entry *entry;
	int ret;

	ret = begin(&prealloc);
	if (ret != 0)
		return ret;
	entry = pci_ext_devices_obtain(target->name, &prealloc);
	enter_device(entry, target, backend);
	pci_ext_devices_release(entry, &prealloc);
	end(&prealloc);
	tell_presence(target->name);
	return 0;
}

void
pci_ext_registry_leave(const char *name)
{
	struct pci_ext_device_entry *entry;

	pci_ext_table_lock();
	entry = pci_ext_devices_find(name);
	if (entry != NULL && entry->presence == PCI_EXT_PRESENT)
		entry->presence = PCI_EXT_LEAVING;
	pci_ext_table_unlock();
	tell_presence(name);
}

void
pci_ext_registry_detach(const char *name)
{
	struct pci_ext_prealloc prealloc;
	struct pci_ext_device_entry *entry;

	begin_without(&prealloc);
	entry = pci_ext_devices_use(name);
	if (entry != NULL) {
		entry->presence = PCI_EXT_ABSENT;
		entry->stay++;
		pci_ext_devices_release(entry, &prealloc);
	}
	end(&prealloc);
	tell_presence(name);
}

/* False if there is none. A BUSY record is waited for, and may have been removed then. */
static bool
suspend_next(struct pci_ext_device_entry *entry, bool shared, struct pci_ext_cursor *cursor,
	struct pci_ext_prealloc *prealloc, int *result)
{
	const struct pci_ext_cursor before = *cursor;
	struct pci_ext_record *record;

	do {
		*cursor = before;
		record = pci_ext_record_next_mapped(entry, cursor, shared);
		if (record == NULL)
			return false;
		*result = pci_ext_record_suspend(entry, record, prealloc);
	} while (*result == PCI_EXT_AGAIN);
	return true;
}

bool
pci_ext_registry_suspend(const char *name, bool shared, struct pci_ext_cursor *cursor, int *result)
{
	struct pci_ext_prealloc prealloc;
	struct pci_ext_device_entry *entry;
	bool found = false;

	begin_without(&prealloc);
	entry = pci_ext_devices_use(name);
	if (entry != NULL) {
		found = suspend_next(entry, shared, cursor, &prealloc, result);
		pci_ext_devices_release(entry, &prealloc);
	}
	end(&prealloc);
	if (found)
		tell(name, &cursor->at);
	return found;
}

bool
pci_ext_registry_next_pending(const char *name, struct pci_ext_cursor *cursor)
{
	struct pci_ext_record *record = NULL;
	struct pci_ext_device_entry *entry;

	pci_ext_table_lock();
	entry = pci_ext_devices_find(name);
	if (entry != NULL)
		record = pci_ext_record_next_pending(entry, cursor);
	pci_ext_table_unlock();
	return record != NULL;
}

static int
activate(struct pci_ext_device_entry *entry, const struct pci_ext_range *range,
	struct pci_ext_prealloc *prealloc, struct pci_ext_conflict *conflict)
{
	struct pci_ext_record *record;
	int ret;

	do {
		record = pci_ext_record_find(entry, range);
		if (record == NULL || entry->presence != PCI_EXT_PRESENT)
			return -ENOENT;
		ret = pci_ext_record_activate(entry, record, prealloc, conflict);
		if (ret == PCI_EXT_STALE)
			ret = end_stale(entry, conflict);
	} while (ret == PCI_EXT_AGAIN);
	return ret;
}

int
pci_ext_registry_activate(
	const char *name, const struct pci_ext_range *range, struct pci_ext_conflict *conflict)
{
	struct pci_ext_device_entry *entry;
	struct pci_ext_prealloc prealloc;
	int ret;

	*conflict = (struct pci_ext_conflict){0};
	ret = begin(&prealloc);
	if (ret != 0)
		return ret;
	ret = -ENOENT;
	entry = pci_ext_devices_use(name);
	if (entry != NULL) {
		ret = activate(entry, range, &prealloc, conflict);
		pci_ext_devices_release(entry, &prealloc);
	}
	end(&prealloc);
	tell(name, range);
	return ret;
}

void
pci_ext_registry_forget(uint64_t addr, uint64_t len)
{
	struct pci_ext_device_entry *entry;

	pci_ext_table_lock();
	FOREACH_DEVICE(entry)
	pci_ext_record_forget(entry, addr, len);
	pci_ext_table_unlock();
	tell(NULL, &(const struct pci_ext_range){.addr = addr, .len = len});
}

static bool
is_stale(const struct pci_ext_record *record)
{
	return pci_ext_conflict_is_stale(&record->range, record->registration);
}

/* A PENDING record; if only_stale, a stale one. */
static int
drop(const char *name, const struct pci_ext_range *range, bool only_stale)
{
	struct pci_ext_prealloc prealloc;
	struct pci_ext_record *record = NULL;
	struct pci_ext_device_entry *entry;

	begin_without(&prealloc);
	entry = pci_ext_devices_use(name);
	if (entry != NULL) {
		record = pci_ext_record_find(entry, range);
		if (record != NULL &&
			(record->state != PCI_EXT_PENDING || (only_stale && !is_stale(record))))
			record = NULL;
		if (record != NULL)
			pci_ext_record_remove(entry, record, &prealloc);
		pci_ext_devices_release(entry, &prealloc);
	}
	end(&prealloc);
	return record == NULL ? -ENOENT : 0;
}

int
pci_ext_registry_drop(const char *name, const struct pci_ext_range *range)
{
	return drop(name, range, false);
}

int
pci_ext_registry_drop_stale(const char *name, const struct pci_ext_range *range)
{
	return drop(name, range, true);
}

bool
pci_ext_registry_next_device(char name[PCI_EXT_NAME_SIZE])
{
	struct pci_ext_device_entry *entry;

	pci_ext_table_lock();
	entry = pci_ext_devices_after(name);
	if (entry != NULL)
		memcpy(name, entry->name, PCI_EXT_NAME_SIZE);
	pci_ext_table_unlock();
	return entry != NULL;
}

void
pci_ext_registry_clear(void)
{
	char name[PCI_EXT_NAME_SIZE] = "";
	struct pci_ext_cursor cursor;
	struct pci_ext_prealloc prealloc;

	while (pci_ext_registry_next_device(name)) {
		cursor = (struct pci_ext_cursor){0};
		while (pci_ext_registry_next_pending(name, &cursor))
			pci_ext_registry_drop(name, &cursor.at);
		pci_ext_registry_detach(name);
	}
	begin_without(&prealloc);
	pci_ext_prealloc_take(&prealloc);
	pci_ext_table_unlock();
	pci_ext_prealloc_free(&prealloc);
}
