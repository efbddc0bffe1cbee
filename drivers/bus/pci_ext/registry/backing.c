/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * backing: see backing.h. Owns every change of state that involves a backend.
 */
#include <errno.h>

#include "registry/backing.h"

static struct pci_ext_device_lock *
lock_of(struct pci_ext_device_entry *entry, const struct pci_ext_backend *backend)
{
	return backend->shared ? &pci_ext_shared_lock : &entry->lock;
}

int
pci_ext_backing_wait(struct pci_ext_device_entry *entry, const struct pci_ext_record *record)
{
	return pci_ext_device_lock_wait(lock_of(entry, record->backend));
}

/*
 * A copy, since the device's own may change while the table lock is released. No dev for a mapping
 * of a shared address space: it may outlast the device.
 */
static struct pci_ext_target
make_target(const struct pci_ext_device_entry *entry, const struct pci_ext_backend *backend)
{
	struct pci_ext_target target = entry->target;

	if (backend->shared)
		target.dev = NULL;
	return target;
}

static int
call_backend(struct pci_ext_device_entry *entry, const struct pci_ext_record *record,
	pci_ext_backend_call_t call)
{
	const struct pci_ext_target target = make_target(entry, record->backend);

	return pci_ext_device_lock_call(
		lock_of(entry, record->backend), call, &target, &record->range);
}

/* A record that is BUSY: it stays as it is. */
static int
call_map(struct pci_ext_device_entry *entry, const struct pci_ext_record *record)
{
	const struct pci_ext_backend *backend = record->backend;
	const struct pci_ext_target target = make_target(entry, backend);
	struct pci_ext_device_lock *lock = lock_of(entry, backend);
	int ret;

	pci_ext_device_lock_enter(lock);
	ret = backend->map(&target, &record->range, record->dmabuf);
	pci_ext_device_lock_leave(lock);
	return ret;
}

int
pci_ext_backing_takes(const struct pci_ext_device_entry *entry, const struct pci_ext_range *range,
	const struct pci_ext_dmabuf *dmabuf, struct pci_ext_conflict *conflict)
{
	const struct pci_ext_backend *backend = entry->backend;
	const bool is_plain = dmabuf == NULL && pci_ext_range_writes(range);

	if (backend == NULL)
		return 0;
	if (backend->shared ? dmabuf == NULL : is_plain || entry->target.has_map_memory)
		return 0;
	conflict->unable = backend;
	return -ENOTSUP;
}

int
pci_ext_backing_plan(struct pci_ext_device_entry *entry, const struct pci_ext_range *range,
	uint64_t registration, struct pci_ext_shared **joined, struct pci_ext_conflict *conflict)
{
	const struct pci_ext_backend *backend = entry->backend;
	struct pci_ext_shared *other;

	*joined = NULL;
	if (backend == NULL)
		return -ENOTSUP;
	if (!pci_ext_range_is_aligned(range, backend->granule())) {
		conflict->granule = backend->granule();
		return -EINVAL;
	}
	other = backend->shared ? pci_ext_shared_find(range) : NULL;
	if (other != NULL && !other->busy) {
		if (!pci_ext_range_is_same(&other->range, range) ||
			!pci_ext_conflict_is_same_memory(range, other->registration, registration))
			return pci_ext_conflict_refuse(
				conflict, true, &other->range, other->registration);
		*joined = other;
		return lock_of(entry, backend)->held && backend->confirm != NULL
			       ? pci_ext_device_lock_wait(lock_of(entry, backend))
			       : 0;
	}
	/* If other is busy, the lock is held. */
	if (lock_of(entry, backend)->held)
		return pci_ext_device_lock_wait(lock_of(entry, backend));
	return 0;
}

/* Make a mapping of the shared address space with this record as its first holder. */
static int
map_shared(struct pci_ext_device_entry *entry, struct pci_ext_record *record,
	struct pci_ext_prealloc *prealloc)
{
	struct pci_ext_shared *mapping = prealloc->shared;
	int ret;

	prealloc->shared = NULL;
	pci_ext_shared_add(mapping, &record->range, record->registration);
	record->shared = mapping;
	ret = call_map(entry, record);
	mapping->busy = false;
	if (ret != 0) {
		record->shared = NULL;
		pci_ext_shared_remove(mapping);
		prealloc->shared = mapping;
	}
	return ret;
}

/* The record is BUSY, and so is its shared mapping, if any. */
static int
call_confirm(struct pci_ext_device_entry *entry, struct pci_ext_record *record,
	struct pci_ext_conflict *conflict)
{
	struct pci_ext_shared *mapping = record->shared;
	int ret;

	if (mapping != NULL)
		mapping->busy = true;
	ret = call_backend(entry, record, record->backend->confirm);
	if (mapping != NULL)
		mapping->busy = false;
	conflict->was_gone |= ret > 0;
	return ret > 0 ? 0 : ret;
}

int
pci_ext_backing_confirm(struct pci_ext_device_entry *entry, struct pci_ext_record *record,
	struct pci_ext_conflict *conflict)
{
	struct pci_ext_device_lock *lock = lock_of(entry, record->backend);
	time_t since = record->since;
	int ret;

	if (record->backend->confirm == NULL || (record->shared != NULL && record->shared->ended))
		return 0;
	if (lock->held)
		return pci_ext_device_lock_wait(lock);
	pci_ext_record_set_state(record, PCI_EXT_BUSY);
	ret = call_confirm(entry, record, conflict);
	record->state = PCI_EXT_ACTIVE;
	record->since = since;
	return ret;
}

/* Become a holder of a mapping that exists already. */
static int
join(struct pci_ext_device_entry *entry, struct pci_ext_record *record,
	struct pci_ext_shared *joined, struct pci_ext_conflict *conflict)
{
	int ret = 0;

	joined->holders++;
	record->shared = joined;
	if (record->backend->confirm != NULL) {
		pci_ext_record_set_state(record, PCI_EXT_BUSY);
		ret = call_confirm(entry, record, conflict);
	}
	if (ret == 0) {
		record->registration = joined->registration;
	} else {
		joined->holders--;
		record->shared = NULL;
	}
	return ret;
}

static void
make_active(struct pci_ext_device_entry *entry, struct pci_ext_record *record)
{
	pci_ext_record_set_state(record, PCI_EXT_ACTIVE);
	record->is_mapped = true;
	record->kept_in = 0;
	entry->pending--;
	entry->active++;
	entry->active_bytes += record->range.len;
}

int
pci_ext_backing_make(struct pci_ext_device_entry *entry, struct pci_ext_record *record,
	struct pci_ext_shared *joined, struct pci_ext_prealloc *prealloc,
	struct pci_ext_conflict *conflict)
{
	time_t since = record->since;
	int ret;

	record->backend = entry->backend;
	if (joined != NULL) {
		ret = join(entry, record, joined, conflict);
	} else {
		pci_ext_record_set_state(record, PCI_EXT_BUSY);
		if (record->backend->shared)
			ret = map_shared(entry, record, prealloc);
		else
			ret = call_map(entry, record);
	}
	if (ret != 0) {
		conflict->of_dmabuf = record->dmabuf != NULL;
		record->state = PCI_EXT_PENDING;
		record->since = since;
		record->backend = NULL;
		return ret;
	}
	make_active(entry, record);
	return 0;
}

bool
pci_ext_backing_resume(struct pci_ext_device_entry *entry, struct pci_ext_record *record)
{
	if (record->kept_in != entry->stay || entry->presence != PCI_EXT_PRESENT ||
		entry->backend == NULL)
		return false;
	record->backend = entry->backend;
	make_active(entry, record);
	return true;
}

/* Not if the mapping has other holders, or has already ended. */
static bool
needs_backend(const struct pci_ext_record *record)
{
	const struct pci_ext_shared *mapping = record->shared;

	return mapping == NULL || (mapping->holders == 1 && !mapping->ended);
}

int
pci_ext_backing_plan_end(struct pci_ext_device_entry *entry, const struct pci_ext_record *record)
{
	struct pci_ext_device_lock *lock = lock_of(entry, record->backend);
	bool busy = record->shared != NULL && record->shared->busy;

	return lock->held && (busy || needs_backend(record)) ? pci_ext_device_lock_wait(lock) : 0;
}

/* ENOENT is success: the driver has ended the mapping with its port. */
static int
unmap_by_backend(struct pci_ext_device_entry *entry, struct pci_ext_record *record)
{
	struct pci_ext_shared *mapping = record->shared;
	int ret;

	pci_ext_record_set_state(record, PCI_EXT_BUSY);
	if (mapping != NULL)
		mapping->busy = true;
	ret = call_backend(entry, record, record->backend->unmap);
	if (mapping != NULL)
		mapping->busy = false;
	return ret == -ENOENT ? 0 : ret;
}

static void
quit_mapping(struct pci_ext_record *record, struct pci_ext_prealloc *prealloc)
{
	struct pci_ext_shared *mapping = record->shared;

	record->shared = NULL;
	if (--mapping->holders != 0)
		return;
	if (!mapping->ended)
		pci_ext_shared_remove(mapping);
	prealloc->shared = mapping;
}

static bool
is_refused(enum pci_ext_manner manner, int ret)
{
	return manner == PCI_EXT_ASK ? ret != 0 : manner == PCI_EXT_UNLESS_BUSY && ret == -EBUSY;
}

int
pci_ext_backing_end(struct pci_ext_device_entry *entry, struct pci_ext_record *record,
	enum pci_ext_manner manner, struct pci_ext_prealloc *prealloc, int *result)
{
	time_t since = record->since;

	*result = needs_backend(record) ? unmap_by_backend(entry, record) : 0;
	if (is_refused(manner, *result)) {
		record->state = PCI_EXT_ACTIVE;
		record->since = since;
		return *result;
	}
	if (record->shared != NULL)
		quit_mapping(record, prealloc);
	else if (*result != 0)
		record->kept_in = entry->stay;
	record->backend = NULL;
	record->state = PCI_EXT_PENDING;
	record->is_mapped = false;
	entry->active--;
	entry->active_bytes -= record->range.len;
	entry->pending++;
	return 0;
}

int
pci_ext_backing_end_shared(struct pci_ext_device_entry *entry, struct pci_ext_shared *mapping,
	const struct pci_ext_backend *backend)
{
	const struct pci_ext_target target = make_target(entry, backend);
	int ret;

	if (pci_ext_shared_lock.held)
		return pci_ext_device_lock_wait(&pci_ext_shared_lock);
	mapping->busy = true;
	ret = pci_ext_device_lock_call(
		&pci_ext_shared_lock, backend->unmap, &target, &mapping->range);
	mapping->busy = false;
	if (is_refused(PCI_EXT_UNLESS_BUSY, ret))
		return ret;
	pci_ext_shared_remove(mapping);
	mapping->ended = true;
	return 0;
}
