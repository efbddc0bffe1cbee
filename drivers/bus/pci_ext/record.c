/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * record: see record.h. Every state change of a record is in this file.
 *
 * A change that needs the backend has two parts: plan_...() looks whether it can be made now, and
 * changes nothing; the rest, up to the backend's answer and what comes of it, cannot be waited in,
 * because the device lock is free by then and taken in the same breath.
 */
#include <errno.h>
#include <stddef.h>

#include "record.h"

static time_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return ts.tv_sec;
}

uint64_t
pci_ext_record_age(const struct pci_ext_record *record)
{
	return now() - record->since;
}

struct pci_ext_record *
pci_ext_record_find(const struct pci_ext_owner *owner, const struct pci_ext_range *range)
{
	struct pci_ext_interval *at;

	at = pci_ext_interval_find(
		&owner->by_addr, range->addr, pci_ext_range_last_addr(range), range->iova);
	return at == NULL ? NULL : PCI_EXT_CONTAINER(at, struct pci_ext_record, by_addr);
}

/* A new record, PENDING. */
static struct pci_ext_record *
insert_record(
	struct pci_ext_owner *owner, const struct pci_ext_range *range, struct pci_ext_spare *spare)
{
	struct pci_ext_record *record = spare->record;

	spare->record = NULL;
	*record = (struct pci_ext_record){
		.by_addr = {.first = range->addr,
			.last = pci_ext_range_last_addr(range),
			.tie = range->iova},
		.by_iova = {.first = range->iova,
			.last = pci_ext_range_last_iova(range),
			.tie = range->addr},
		.range = *range,
		.state = PCI_EXT_PENDING,
		.references = 1,
		.since = now(),
	};
	pci_ext_interval_add(&owner->by_addr, &record->by_addr);
	pci_ext_interval_add(&owner->by_iova, &record->by_iova);
	owner->pending++;
	return record;
}

void
pci_ext_record_remove(
	struct pci_ext_owner *owner, struct pci_ext_record *record, struct pci_ext_spare *spare)
{
	pci_ext_interval_remove(&owner->by_addr, &record->by_addr);
	pci_ext_interval_remove(&owner->by_iova, &record->by_iova);
	owner->pending--;
	spare->record = record;
}

/* A record of the device that overlaps in the device's terms. */
static struct pci_ext_record *
find_overlap(const struct pci_ext_owner *owner, const struct pci_ext_range *range, bool by_iova)
{
	struct pci_ext_interval *at;

	if (by_iova) {
		at = pci_ext_interval_find_overlap(
			&owner->by_iova, range->iova, pci_ext_range_last_iova(range));
		return at == NULL ? NULL : PCI_EXT_CONTAINER(at, struct pci_ext_record, by_iova);
	}
	at = pci_ext_interval_find_overlap(
		&owner->by_addr, range->addr, pci_ext_range_last_addr(range));
	return at == NULL ? NULL : PCI_EXT_CONTAINER(at, struct pci_ext_record, by_addr);
}

static struct pci_ext_device_lock *
lock_of(struct pci_ext_owner *owner, const struct pci_ext_backend *backend)
{
	return backend->shared ? &pci_ext_shared_lock : &owner->lock;
}

static bool
is_shared(const struct pci_ext_owner *owner)
{
	return owner->backend != NULL && owner->backend->shared;
}

static int
wait_for_record(struct pci_ext_owner *owner, const struct pci_ext_record *record)
{
	return pci_ext_device_lock_wait(lock_of(owner, record->backend));
}

/* By value, and of the moment: the device's own may change while the table lock is left. */
static int
call_backend(struct pci_ext_owner *owner, const struct pci_ext_record *record,
	pci_ext_backend_call_t call)
{
	const struct pci_ext_target target = owner->target;

	return pci_ext_device_lock_call(
		lock_of(owner, record->backend), call, &target, &record->range);
}

static void
set_state(struct pci_ext_record *record, enum pci_ext_state state)
{
	record->state = state;
	record->since = now();
}

/*
 * Whether the device's backend can map the range now: 0, with the mapping to join if there is one;
 * or AGAIN; or what is against it.
 */
static int
plan_activation(struct pci_ext_owner *owner, const struct pci_ext_range *range,
	struct pci_ext_shared **joined, struct pci_ext_clash *clash)
{
	const struct pci_ext_backend *backend = owner->backend;
	struct pci_ext_shared *other;

	*joined = NULL;
	if (backend == NULL)
		return -ENOTSUP;
	if (((range->addr | range->iova | range->len) & (backend->granule() - 1)) != 0)
		return -EINVAL;
	other = backend->shared ? pci_ext_shared_find(range) : NULL;
	if (other != NULL && !other->busy) {
		if (pci_ext_range_is_same(&other->range, range)) {
			*joined = other;
			return 0;
		}
		*clash = (struct pci_ext_clash){true, true, other->range};
		return -EEXIST;
	}
	/* One that is busy means that the lock is held. */
	if (lock_of(owner, backend)->held)
		return pci_ext_device_lock_wait(lock_of(owner, backend));
	return 0;
}

/* Make a mapping of the shared address space, and be its first holder. */
static int
map_shared(struct pci_ext_owner *owner, struct pci_ext_record *record, struct pci_ext_spare *spare)
{
	struct pci_ext_shared *mapping = spare->shared;
	int ret;

	spare->shared = NULL;
	pci_ext_shared_add(mapping, &record->range);
	record->shared = mapping;
	ret = call_backend(owner, record, record->backend->map);
	mapping->busy = false;
	if (ret != 0) {
		record->shared = NULL;
		pci_ext_shared_remove(mapping);
		spare->shared = mapping;
	}
	return ret;
}

/* Carry out what has been planned for a PENDING record. */
static int
activate_record(struct pci_ext_owner *owner, struct pci_ext_record *record,
	struct pci_ext_shared *joined, struct pci_ext_spare *spare)
{
	time_t since = record->since;
	int ret = 0;

	record->backend = owner->backend;
	if (joined != NULL) {
		joined->holders++;
		record->shared = joined;
	} else {
		set_state(record, PCI_EXT_BUSY);
		if (record->backend->shared)
			ret = map_shared(owner, record, spare);
		else
			ret = call_backend(owner, record, record->backend->map);
	}
	if (ret != 0) {
		record->state = PCI_EXT_PENDING;
		record->since = since;
		record->backend = NULL;
		return ret;
	}
	set_state(record, PCI_EXT_ACTIVE);
	owner->pending--;
	owner->active++;
	owner->active_bytes += record->range.len;
	return 0;
}

int
pci_ext_record_activate(struct pci_ext_owner *owner, struct pci_ext_record *record,
	struct pci_ext_spare *spare, struct pci_ext_clash *clash)
{
	struct pci_ext_shared *joined;
	int ret;

	if (record->state == PCI_EXT_BUSY)
		return wait_for_record(owner, record);
	if (record->state == PCI_EXT_ACTIVE)
		return 0;
	ret = plan_activation(owner, &record->range, &joined, clash);
	return ret != 0 ? ret : activate_record(owner, record, joined, spare);
}

static bool
is_held_by_others(const struct pci_ext_record *record)
{
	return record->shared != NULL && record->shared->holders > 1;
}

/* Whether a record that is ACTIVE can be ended now: 0 or AGAIN. */
static int
plan_deactivation(struct pci_ext_owner *owner, const struct pci_ext_record *record)
{
	struct pci_ext_device_lock *lock = lock_of(owner, record->backend);

	return lock->held && !is_held_by_others(record) ? pci_ext_device_lock_wait(lock) : 0;
}

/* That a backend has it no longer, its port being closed, is as good as an unmap. */
static int
unmap_by_backend(struct pci_ext_owner *owner, struct pci_ext_record *record)
{
	struct pci_ext_shared *mapping = record->shared;
	int ret;

	set_state(record, PCI_EXT_BUSY);
	if (mapping != NULL)
		mapping->busy = true;
	ret = call_backend(owner, record, record->backend->unmap);
	if (mapping != NULL)
		mapping->busy = false;
	return ret == -ENOENT ? 0 : ret;
}

static void
quit_mapping(struct pci_ext_record *record, struct pci_ext_spare *spare)
{
	struct pci_ext_shared *mapping = record->shared;

	record->shared = NULL;
	if (--mapping->holders != 0)
		return;
	pci_ext_shared_remove(mapping);
	spare->shared = mapping;
}

/* The reverse of activate_record(): PENDING then, and counted as such. By force: in any case. */
static int
deactivate_record(struct pci_ext_owner *owner, struct pci_ext_record *record, bool force,
	struct pci_ext_spare *spare)
{
	time_t since = record->since;
	int ret = 0;

	if (!is_held_by_others(record))
		ret = unmap_by_backend(owner, record);
	if (ret != 0 && !force) {
		record->state = PCI_EXT_ACTIVE;
		record->since = since;
		return ret;
	}
	if (record->shared != NULL)
		quit_mapping(record, spare);
	record->backend = NULL;
	set_state(record, PCI_EXT_PENDING);
	owner->active--;
	owner->active_bytes -= record->range.len;
	owner->pending++;
	return ret;
}

int
pci_ext_record_park(
	struct pci_ext_owner *owner, struct pci_ext_record *record, struct pci_ext_spare *spare)
{
	int ret;

	if (record->state == PCI_EXT_BUSY)
		return wait_for_record(owner, record);
	ret = plan_deactivation(owner, record);
	return ret != 0 ? ret : deactivate_record(owner, record, true, spare);
}

static int
add_record(struct pci_ext_owner *owner, const struct pci_ext_range *range,
	struct pci_ext_spare *spare, struct pci_ext_clash *clash)
{
	const struct pci_ext_record *other = find_overlap(owner, range, is_shared(owner));
	struct pci_ext_shared *joined;
	struct pci_ext_record *record;
	int ret;

	if (other != NULL && other->state == PCI_EXT_BUSY)
		return wait_for_record(owner, other);
	if (other != NULL) {
		*clash = (struct pci_ext_clash){true, false, other->range};
		return -EEXIST;
	}
	if (owner->presence != PCI_EXT_PRESENT) {
		insert_record(owner, range, spare);
		return 0;
	}
	ret = plan_activation(owner, range, &joined, clash);
	if (ret != 0)
		return ret;
	record = insert_record(owner, range, spare);
	ret = activate_record(owner, record, joined, spare);
	if (ret != 0)
		pci_ext_record_remove(owner, record, spare);
	return ret;
}

int
pci_ext_record_get(struct pci_ext_owner *owner, const struct pci_ext_range *range,
	struct pci_ext_spare *spare, struct pci_ext_clash *clash)
{
	struct pci_ext_record *record = pci_ext_record_find(owner, range);
	int ret;

	if (record == NULL)
		return add_record(owner, range, spare, clash);
	if (record->state == PCI_EXT_BUSY)
		return wait_for_record(owner, record);
	if (record->references == UINT32_MAX)
		return -ENOMEM;
	if (owner->presence == PCI_EXT_PRESENT) {
		ret = pci_ext_record_activate(owner, record, spare, clash);
		if (ret != 0)
			return ret;
	}
	record->references++;
	return 0;
}

/* An unmap that is no record's: what it touches, in the device's terms or in the caller's. */
static int
explain_put(
	struct pci_ext_owner *owner, const struct pci_ext_range *range, struct pci_ext_clash *clash)
{
	const struct pci_ext_record *other = find_overlap(owner, range, is_shared(owner));

	if (other == NULL)
		other = find_overlap(owner, range, false);
	if (other == NULL)
		return -ENOENT;
	if (other->state == PCI_EXT_BUSY)
		return wait_for_record(owner, other);
	*clash = (struct pci_ext_clash){true, false, other->range};
	return -EINVAL;
}

int
pci_ext_record_put(struct pci_ext_owner *owner, const struct pci_ext_range *range,
	struct pci_ext_spare *spare, struct pci_ext_clash *clash)
{
	struct pci_ext_record *record = pci_ext_record_find(owner, range);
	int ret;

	if (record == NULL)
		return explain_put(owner, range, clash);
	if (record->state == PCI_EXT_BUSY)
		return wait_for_record(owner, record);
	if (record->references > 1) {
		record->references--;
		return 0;
	}
	if (record->state == PCI_EXT_ACTIVE) {
		ret = plan_deactivation(owner, record);
		if (ret == 0)
			ret = deactivate_record(owner, record, false, spare);
		if (ret != 0)
			return ret;
	}
	pci_ext_record_remove(owner, record, spare);
	return 0;
}

/* The first record after the cursor. */
static struct pci_ext_interval *
after_cursor(const struct pci_ext_owner *owner, const struct pci_ext_cursor *cursor)
{
	const struct pci_ext_interval key = {
		.first = cursor->at.addr,
		.last = pci_ext_range_last_addr(&cursor->at),
		.tie = cursor->at.iova,
	};

	if (!cursor->started)
		return pci_ext_interval_first(&owner->by_addr);
	return pci_ext_interval_next(&owner->by_addr, &key);
}

static struct pci_ext_record *
advance(const struct pci_ext_owner *owner, struct pci_ext_cursor *cursor, bool pending)
{
	struct pci_ext_interval *at = after_cursor(owner, cursor);
	struct pci_ext_record *record;

	for (; at != NULL; at = pci_ext_interval_next(&owner->by_addr, at)) {
		record = PCI_EXT_CONTAINER(at, struct pci_ext_record, by_addr);
		if ((record->state == PCI_EXT_PENDING) != pending)
			continue;
		cursor->started = true;
		cursor->at = record->range;
		return record;
	}
	return NULL;
}

struct pci_ext_record *
pci_ext_record_next_pending(const struct pci_ext_owner *owner, struct pci_ext_cursor *cursor)
{
	return advance(owner, cursor, true);
}

struct pci_ext_record *
pci_ext_record_next_mapped(const struct pci_ext_owner *owner, struct pci_ext_cursor *cursor)
{
	return advance(owner, cursor, false);
}
