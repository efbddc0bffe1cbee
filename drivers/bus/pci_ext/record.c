/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * record: see record.h. Every state change of a record is in this file:
 *
 *   (none)  -> PENDING   get, on a device that is not PRESENT
 *   (none)  -> ACTIVE    get, on a device that is
 *   PENDING -> ACTIVE    get, activate
 *   ACTIVE  -> PENDING   park
 *   any     -> (none)    put of the last reference; remove, for PENDING
 */
#include <errno.h>
#include <stddef.h>

#include "record.h"

/* Mappings by IOVA, which never overlap. Of all shared backends: there is one, VFIO. */
static struct pci_ext_interval_set shared_space;

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
		&owner->by_addr, range->addr, range->addr + (range->len - 1), range->iova);
	return at == NULL ? NULL : PCI_EXT_CONTAINER(at, struct pci_ext_record, by_addr);
}

static void
insert_record(struct pci_ext_owner *owner, struct pci_ext_record *record)
{
	const struct pci_ext_range *range = &record->range;

	record->by_addr.first = range->addr;
	record->by_addr.last = range->addr + (range->len - 1);
	record->by_addr.tie = range->iova;
	pci_ext_interval_add(&owner->by_addr, &record->by_addr);
	record->by_iova.first = range->iova;
	record->by_iova.last = range->iova + (range->len - 1);
	record->by_iova.tie = range->addr;
	pci_ext_interval_add(&owner->by_iova, &record->by_iova);
	if (record->state == PCI_EXT_PENDING)
		owner->pending++;
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
static const struct pci_ext_record *
find_overlap(const struct pci_ext_owner *owner, const struct pci_ext_range *range, bool by_iova)
{
	struct pci_ext_interval *at;

	if (by_iova) {
		at = pci_ext_interval_find_overlap(
			&owner->by_iova, range->iova, range->iova + (range->len - 1));
		return at == NULL ? NULL : PCI_EXT_CONTAINER(at, struct pci_ext_record, by_iova);
	}
	at = pci_ext_interval_find_overlap(
		&owner->by_addr, range->addr, range->addr + (range->len - 1));
	return at == NULL ? NULL : PCI_EXT_CONTAINER(at, struct pci_ext_record, by_addr);
}

static bool
is_shared(const struct pci_ext_owner *owner)
{
	return owner->backend != NULL && owner->backend->shared;
}

/* Become a holder of the mapping at this IOVA, which is made if there is none. */
static int
join_mapping(struct pci_ext_owner *owner, struct pci_ext_record *record,
	struct pci_ext_spare *spare, struct pci_ext_clash *clash)
{
	const struct pci_ext_range *range = &record->range;
	uint64_t last = range->iova + (range->len - 1);
	struct pci_ext_interval *at;
	struct pci_ext_shared *mapping;
	int ret;

	at = pci_ext_interval_find_overlap(&shared_space, range->iova, last);
	if (at != NULL) {
		mapping = PCI_EXT_CONTAINER(at, struct pci_ext_shared, by_iova);
		if (!pci_ext_range_is_same(&mapping->range, range)) {
			*clash = (struct pci_ext_clash){true, true, mapping->range};
			return -EEXIST;
		}
	} else {
		ret = owner->backend->map(&owner->target, range);
		if (ret != 0)
			return ret;
		mapping = spare->shared;
		spare->shared = NULL;
		mapping->range = *range;
		mapping->by_iova.first = range->iova;
		mapping->by_iova.last = last;
		pci_ext_interval_add(&shared_space, &mapping->by_iova);
	}
	mapping->holders++;
	record->shared = mapping;
	return 0;
}

/* That a backend has it no longer, its port being closed, is as good as an unmap. */
static int
unmap_by_backend(const struct pci_ext_owner *owner, const struct pci_ext_range *range)
{
	int ret = owner->backend->unmap(&owner->target, range);

	return ret == -ENOENT ? 0 : ret;
}

/* Stop being a holder; the last one ends the mapping. By force: whatever the backend says. */
static int
quit_mapping(struct pci_ext_owner *owner, struct pci_ext_record *record, bool force,
	struct pci_ext_spare *spare)
{
	struct pci_ext_shared *mapping = record->shared;
	int ret = 0;

	if (mapping->holders == 1) {
		ret = unmap_by_backend(owner, &record->range);
		if (ret != 0 && !force)
			return ret;
		pci_ext_interval_remove(&shared_space, &mapping->by_iova);
		spare->shared = mapping;
	}
	mapping->holders--;
	record->shared = NULL;
	return ret;
}

/* Have the backend of a PRESENT device map a record that is PENDING, or not in yet. */
static int
activate_record(struct pci_ext_owner *owner, struct pci_ext_record *record,
	struct pci_ext_spare *spare, struct pci_ext_clash *clash)
{
	const struct pci_ext_backend *backend = owner->backend;
	const struct pci_ext_range *range = &record->range;
	int ret;

	if (backend == NULL)
		return -ENOTSUP;
	if (((range->addr | range->iova | range->len) & (backend->granule() - 1)) != 0)
		return -EINVAL;
	if (backend->shared)
		ret = join_mapping(owner, record, spare, clash);
	else
		ret = backend->map(&owner->target, range);
	if (ret != 0)
		return ret;
	record->state = PCI_EXT_ACTIVE;
	record->since = now();
	owner->active++;
	owner->active_bytes += range->len;
	return 0;
}

/* The reverse: the record is PENDING then, and counted as such. */
static int
deactivate_record(struct pci_ext_owner *owner, struct pci_ext_record *record, bool force,
	struct pci_ext_spare *spare)
{
	int ret;

	if (record->shared != NULL)
		ret = quit_mapping(owner, record, force, spare);
	else
		ret = unmap_by_backend(owner, &record->range);
	if (ret != 0 && !force)
		return ret;
	record->state = PCI_EXT_PENDING;
	record->since = now();
	owner->active--;
	owner->active_bytes -= record->range.len;
	owner->pending++;
	return ret;
}

int
pci_ext_record_park(
	struct pci_ext_owner *owner, struct pci_ext_record *record, struct pci_ext_spare *spare)
{
	return deactivate_record(owner, record, true, spare);
}

int
pci_ext_record_activate(struct pci_ext_owner *owner, struct pci_ext_record *record,
	struct pci_ext_spare *spare, struct pci_ext_clash *clash)
{
	int ret = activate_record(owner, record, spare, clash);

	if (ret == 0)
		owner->pending--;
	return ret;
}

static int
add_record(struct pci_ext_owner *owner, const struct pci_ext_range *range,
	struct pci_ext_spare *spare, struct pci_ext_clash *clash)
{
	const struct pci_ext_record *other = find_overlap(owner, range, is_shared(owner));
	struct pci_ext_record *record = spare->record;
	int ret;

	if (other != NULL) {
		*clash = (struct pci_ext_clash){true, false, other->range};
		return -EEXIST;
	}
	record->range = *range;
	record->references = 1;
	record->since = now();
	if (owner->presence == PCI_EXT_PRESENT) {
		ret = activate_record(owner, record, spare, clash);
		if (ret != 0)
			return ret;
	}
	spare->record = NULL;
	insert_record(owner, record);
	return 0;
}

int
pci_ext_record_get(struct pci_ext_owner *owner, const struct pci_ext_range *range,
	struct pci_ext_spare *spare, struct pci_ext_clash *clash)
{
	struct pci_ext_record *record = pci_ext_record_find(owner, range);
	int ret;

	if (record == NULL)
		return add_record(owner, range, spare, clash);
	if (record->references == UINT32_MAX)
		return -ENOMEM;
	if (record->state == PCI_EXT_PENDING && owner->presence == PCI_EXT_PRESENT) {
		ret = pci_ext_record_activate(owner, record, spare, clash);
		if (ret != 0)
			return ret;
	}
	record->references++;
	return 0;
}

int
pci_ext_record_put(struct pci_ext_owner *owner, const struct pci_ext_range *range,
	struct pci_ext_spare *spare, struct pci_ext_clash *clash)
{
	struct pci_ext_record *record = pci_ext_record_find(owner, range);
	const struct pci_ext_record *other;
	int ret;

	if (record == NULL) {
		other = find_overlap(owner, range, is_shared(owner));
		if (other == NULL)
			other = find_overlap(owner, range, false);
		if (other == NULL)
			return -ENOENT;
		*clash = (struct pci_ext_clash){true, false, other->range};
		return -EINVAL;
	}
	if (record->references > 1) {
		record->references--;
		return 0;
	}
	if (record->state == PCI_EXT_ACTIVE) {
		ret = deactivate_record(owner, record, false, spare);
		if (ret != 0)
			return ret;
	}
	pci_ext_record_remove(owner, record, spare);
	return 0;
}

struct pci_ext_record *
pci_ext_record_advance(
	const struct pci_ext_owner *owner, struct pci_ext_cursor *cursor, enum pci_ext_state state)
{
	struct pci_ext_interval *at, key = {0};
	struct pci_ext_record *record;

	if (!cursor->started) {
		at = pci_ext_interval_first(&owner->by_addr);
	} else {
		key.first = cursor->at.addr;
		key.last = cursor->at.addr + (cursor->at.len - 1);
		key.tie = cursor->at.iova;
		at = pci_ext_interval_next(&owner->by_addr, &key);
	}
	for (; at != NULL; at = pci_ext_interval_next(&owner->by_addr, at)) {
		record = PCI_EXT_CONTAINER(at, struct pci_ext_record, by_addr);
		if (record->state != state)
			continue;
		cursor->started = true;
		cursor->at = record->range;
		return record;
	}
	return NULL;
}
