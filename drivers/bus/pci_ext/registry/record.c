/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * record: see record.h. Owns the changes of a record without a backend, and the order of those with
 * one, which backing.c makes.
 */
#include <errno.h>
#include <stddef.h>

#include "registry/backing.h"
#include "common/memory.h"
#include "registry/record.h"

uint64_t
pci_ext_record_age(const struct pci_ext_record *record)
{
	return pci_ext_table_now() - record->since;
}

struct pci_ext_record *
pci_ext_record_find(const struct pci_ext_device_entry *entry, const struct pci_ext_range *range)
{
	struct pci_ext_interval *at;

	at = pci_ext_interval_find(
		&entry->by_addr, range->addr, pci_ext_range_last_addr(range), range->iova);
	return at == NULL ? NULL : PCI_EXT_CONTAINER(at, struct pci_ext_record, by_addr);
}

/* A new PENDING record; its since is set by the caller. */
static struct pci_ext_record *
insert_record(struct pci_ext_device_entry *entry, const struct pci_ext_range *range,
	uint64_t registration, struct pci_ext_prealloc *prealloc)
{
	const uint64_t last_addr = pci_ext_range_last_addr(range);
	const uint64_t last_iova = pci_ext_range_last_iova(range);
	struct pci_ext_record **place = pci_ext_prealloc_record(prealloc, range);
	struct pci_ext_record *record = *place;

	*place = NULL;
	*record = (struct pci_ext_record){
		.by_addr = {.first = range->addr, .last = last_addr, .tie = range->iova},
		.range = *range,
		.state = PCI_EXT_PENDING,
		.references = 1,
		.registration = registration,
		.dmabuf = prealloc->dmabuf,
	};
	prealloc->dmabuf = NULL;
	pci_ext_interval_add(&entry->by_addr, &record->by_addr);
	if (pci_ext_range_has_iova(range)) {
		record->by_iova[0] = (struct pci_ext_interval){
			.first = range->iova, .last = last_iova, .tie = range->addr};
		pci_ext_interval_add(&entry->by_iova, &record->by_iova[0]);
	}
	entry->pending++;
	return record;
}

void
pci_ext_record_remove(struct pci_ext_device_entry *entry, struct pci_ext_record *record,
	struct pci_ext_prealloc *prealloc)
{
	pci_ext_interval_remove(&entry->by_addr, &record->by_addr);
	if (pci_ext_range_has_iova(&record->range))
		pci_ext_interval_remove(&entry->by_iova, &record->by_iova[0]);
	entry->pending--;
	if (record->dmabuf != NULL)
		prealloc->dmabuf = record->dmabuf;
	*pci_ext_prealloc_record(prealloc, &record->range) = record;
}

static struct pci_ext_record *
by_addr_of(struct pci_ext_interval *at)
{
	return at == NULL ? NULL : PCI_EXT_CONTAINER(at, struct pci_ext_record, by_addr);
}

/* The lowest record of the device that overlaps in addr, or NULL. */
static struct pci_ext_record *
find_overlap_by_addr(const struct pci_ext_device_entry *entry, const struct pci_ext_range *range)
{
	return by_addr_of(pci_ext_interval_find_overlap(
		&entry->by_addr, range->addr, pci_ext_range_last_addr(range)));
}

/* The lowest record whose IOVAs, which are its addresses, overlap [first, last]; or NULL. */
static struct pci_ext_record *
find_overlap_without_iova(const struct pci_ext_device_entry *entry, uint64_t first, uint64_t last)
{
	struct pci_ext_interval *at = pci_ext_interval_find_overlap(&entry->by_addr, first, last);

	while (at != NULL && at->first <= last && (at->last < first || at->tie != at->first))
		at = pci_ext_interval_next(&entry->by_addr, at);
	return at != NULL && at->first <= last ? by_addr_of(at) : NULL;
}

/* The lowest record of the device that overlaps in IOVA, or NULL. */
static struct pci_ext_record *
find_overlap_by_iova(const struct pci_ext_device_entry *entry, const struct pci_ext_range *range)
{
	const uint64_t first = range->iova, last = pci_ext_range_last_iova(range);
	struct pci_ext_record *record = find_overlap_without_iova(entry, first, last);
	struct pci_ext_interval *at;

	if (entry->by_iova.root == NULL)
		return record;
	at = pci_ext_interval_find_overlap(&entry->by_iova, first, last);
	if (at == NULL || (record != NULL && pci_ext_interval_is_before(&record->by_addr, at)))
		return record;
	return PCI_EXT_CONTAINER(at, struct pci_ext_record, by_iova);
}

static bool
is_shared(const struct pci_ext_device_entry *entry)
{
	return entry->backend != NULL && entry->backend->shared;
}

/* Of a device that is not PRESENT the next backend is unknown, whatever served it before. */
static struct pci_ext_record *
find_overlap(const struct pci_ext_device_entry *entry, const struct pci_ext_range *range)
{
	return entry->presence == PCI_EXT_PRESENT && is_shared(entry)
		       ? find_overlap_by_iova(entry, range)
		       : find_overlap_by_addr(entry, range);
}

static int
refuse(const struct pci_ext_record *other, struct pci_ext_conflict *conflict)
{
	return pci_ext_conflict_refuse(conflict, false, &other->range, other->registration);
}

/* Note an error of the backend itself. EDEADLK is not: it is the caller's. */
static int
note_refusal(const struct pci_ext_device_entry *entry, const struct pci_ext_backend *backend,
	int ret, struct pci_ext_conflict *conflict)
{
	if (ret < 0 && ret != -EDEADLK) {
		conflict->refused_by = backend;
		conflict->is_logged = !backend->shared && entry->target.logs_refusals;
	}
	return ret;
}

int
pci_ext_record_activate(struct pci_ext_device_entry *entry, struct pci_ext_record *record,
	struct pci_ext_prealloc *prealloc, struct pci_ext_conflict *conflict)
{
	struct pci_ext_shared *joined;
	int ret;

	if (record->state == PCI_EXT_BUSY)
		return pci_ext_backing_wait(entry, record);
	if (record->state == PCI_EXT_ACTIVE || pci_ext_backing_resume(entry, record))
		return 0;
	if (pci_ext_conflict_is_stale(&record->range, record->registration))
		return refuse(record, conflict);
	ret = pci_ext_backing_takes(entry, &record->range, record->dmabuf, conflict);
	if (ret == 0)
		ret = pci_ext_backing_plan(
			entry, &record->range, record->registration, &joined, conflict);
	if (ret != 0)
		return ret;
	ret = pci_ext_backing_make(entry, record, joined, prealloc, conflict);
	return note_refusal(entry, entry->backend, ret, conflict);
}

int
pci_ext_record_suspend(struct pci_ext_device_entry *entry, struct pci_ext_record *record,
	struct pci_ext_prealloc *prealloc)
{
	int result;
	int ret;

	if (record->state == PCI_EXT_BUSY)
		return pci_ext_backing_wait(entry, record);
	ret = pci_ext_backing_plan_end(entry, record);
	if (ret != 0)
		return ret;
	pci_ext_backing_end(entry, record, PCI_EXT_FORCE, prealloc, &result);
	pci_ext_record_set_state(record, PCI_EXT_PENDING);
	return result;
}

/* other: the lowest record that overlaps, or NULL. */
static int
add_record(struct pci_ext_device_entry *entry, const struct pci_ext_range *range,
	uint64_t registration, const struct pci_ext_record *other,
	struct pci_ext_prealloc *prealloc, struct pci_ext_conflict *conflict)
{
	struct pci_ext_shared *joined;
	struct pci_ext_record *record;
	int ret;

	if (other != NULL && other->state == PCI_EXT_BUSY)
		return pci_ext_backing_wait(entry, other);
	if (other != NULL)
		return refuse(other, conflict);
	if (entry->presence != PCI_EXT_PRESENT) {
		record = insert_record(entry, range, registration, prealloc);
		pci_ext_record_set_state(record, PCI_EXT_PENDING);
		return 0;
	}
	ret = pci_ext_backing_takes(entry, range, prealloc->dmabuf, conflict);
	if (ret == 0)
		ret = pci_ext_backing_plan(entry, range, registration, &joined, conflict);
	if (ret != 0)
		return ret;
	record = insert_record(entry, range, registration, prealloc);
	ret = pci_ext_backing_make(entry, record, joined, prealloc, conflict);
	if (ret != 0)
		pci_ext_record_remove(entry, record, prealloc);
	return note_refusal(entry, entry->backend, ret, conflict);
}

/* A record of which a reference is about to be taken is mapped. */
static int
make_sure(struct pci_ext_device_entry *entry, struct pci_ext_record *record,
	struct pci_ext_prealloc *prealloc, struct pci_ext_conflict *conflict)
{
	const struct pci_ext_backend *backend = record->backend;
	int ret;

	if (record->state != PCI_EXT_ACTIVE)
		return pci_ext_record_activate(entry, record, prealloc, conflict);
	ret = pci_ext_backing_confirm(entry, record, conflict); /* AGAIN: it may be gone */
	return note_refusal(entry, backend, ret, conflict);
}

/* record: of the same addresses. */
static bool
is_of(const struct pci_ext_record *record, const struct pci_ext_range *range, uint64_t registration,
	const struct pci_ext_dmabuf *dmabuf)
{
	return record->range.access == range->access &&
	       pci_ext_conflict_is_same_memory(
		       &record->range, record->registration, registration) &&
	       pci_ext_dmabuf_is_same(record->dmabuf, dmabuf);
}

int
pci_ext_record_get(struct pci_ext_device_entry *entry, const struct pci_ext_range *range,
	uint64_t registration, struct pci_ext_prealloc *prealloc, struct pci_ext_conflict *conflict)
{
	struct pci_ext_record *other = find_overlap(entry, range);
	/* One with exactly this range would overlap, too. */
	struct pci_ext_record *record = other == NULL ? NULL : pci_ext_record_find(entry, range);
	int ret;

	if (record == NULL)
		return add_record(entry, range, registration, other, prealloc, conflict);
	if (record->state == PCI_EXT_BUSY)
		return pci_ext_backing_wait(entry, record);
	if (!is_of(record, range, registration, prealloc->dmabuf))
		return refuse(record, conflict);
	if (record->references == UINT32_MAX)
		return -ENOMEM;
	if (entry->presence == PCI_EXT_PRESENT) {
		ret = make_sure(entry, record, prealloc, conflict);
		if (ret != 0)
			return ret;
	}
	record->references++;
	return 0;
}

/* Of a range that is not mapped. */
static int
check_new(struct pci_ext_device_entry *entry, const struct pci_ext_range *range,
	uint64_t registration, const struct pci_ext_dmabuf *dmabuf, bool *is_new,
	struct pci_ext_conflict *conflict)
{
	struct pci_ext_shared *joined;
	int ret;

	if (entry->presence != PCI_EXT_PRESENT)
		return 0;
	ret = pci_ext_backing_takes(entry, range, dmabuf, conflict);
	if (ret == 0)
		ret = pci_ext_backing_plan(entry, range, registration, &joined, conflict);
	*is_new = ret == 0 && joined == NULL;
	return ret;
}

int
pci_ext_record_check(struct pci_ext_device_entry *entry, const struct pci_ext_range *range,
	uint64_t registration, const struct pci_ext_dmabuf *dmabuf, bool *is_new,
	struct pci_ext_conflict *conflict)
{
	const struct pci_ext_record *other = find_overlap(entry, range), *record;

	*is_new = false;
	if (other == NULL)
		return check_new(entry, range, registration, dmabuf, is_new, conflict);
	record = pci_ext_record_find(entry, range);
	if (record != NULL)
		other = record;
	if (other->state == PCI_EXT_BUSY)
		return pci_ext_backing_wait(entry, other);
	if (record == NULL || !is_of(record, range, registration, dmabuf))
		return refuse(other, conflict);
	if (record->references == UINT32_MAX)
		return -ENOMEM;
	return record->state == PCI_EXT_ACTIVE
		       ? 0
		       : check_new(entry, range, registration, dmabuf, is_new, conflict);
}

/* The result of an unmap that matches no record: -EINVAL if it overlaps one, else -ENOENT. */
static int
explain_put(struct pci_ext_device_entry *entry, const struct pci_ext_range *range,
	struct pci_ext_conflict *conflict)
{
	const struct pci_ext_record *other = find_overlap(entry, range);

	if (other == NULL)
		other = find_overlap_by_addr(entry, range);
	if (other == NULL)
		return -ENOENT;
	if (other->state == PCI_EXT_BUSY)
		return pci_ext_backing_wait(entry, other);
	pci_ext_conflict_note(conflict, false, &other->range, other->registration);
	return -EINVAL;
}

/* Plan and end an ACTIVE record. */
static int
end_active(struct pci_ext_device_entry *entry, struct pci_ext_record *record,
	enum pci_ext_manner manner, struct pci_ext_prealloc *prealloc)
{
	int result;
	int ret = pci_ext_backing_plan_end(entry, record);

	return ret != 0 ? ret : pci_ext_backing_end(entry, record, manner, prealloc, &result);
}

int
pci_ext_record_put(struct pci_ext_device_entry *entry, const struct pci_ext_range *range,
	struct pci_ext_prealloc *prealloc, struct pci_ext_conflict *conflict)
{
	struct pci_ext_record *record = pci_ext_record_find(entry, range);
	const struct pci_ext_backend *backend;
	int ret;

	if (record == NULL)
		return explain_put(entry, range, conflict);
	if (record->state == PCI_EXT_BUSY)
		return pci_ext_backing_wait(entry, record);
	if (record->references > 1) {
		record->references--;
		return 0;
	}
	if (record->state == PCI_EXT_ACTIVE || pci_ext_backing_resume(entry, record)) {
		backend = record->backend;
		ret = end_active(entry, record, PCI_EXT_ASK, prealloc); /* AGAIN: it may be gone */
		if (ret != 0)
			return note_refusal(entry, backend, ret, conflict);
	}
	pci_ext_record_remove(entry, record, prealloc);
	return 0;
}

static void
count_ended(struct pci_ext_conflict *conflict)
{
	conflict->ended++;
	conflict->last_ended = conflict->range;
}

/* End a stale mapping of the shared address space, of any holder. */
static int
end_stale_shared(struct pci_ext_device_entry *entry, struct pci_ext_conflict *conflict)
{
	struct pci_ext_shared *mapping = pci_ext_shared_find(&conflict->range);
	int ret;

	if (mapping == NULL || !pci_ext_range_is_same(&mapping->range, &conflict->range) ||
		mapping->registration != conflict->registration || !is_shared(entry))
		return 0;
	ret = pci_ext_backing_end_shared(entry, mapping, entry->backend);
	if (ret == 0)
		count_ended(conflict);
	return ret;
}

int
pci_ext_record_end_stale(struct pci_ext_device_entry *entry, struct pci_ext_prealloc *prealloc,
	struct pci_ext_conflict *conflict)
{
	struct pci_ext_record *record;
	int ret = 0;

	if (conflict->shared)
		return end_stale_shared(entry, conflict);
	record = pci_ext_record_find(entry, &conflict->range);
	if (record == NULL || record->registration != conflict->registration)
		return 0;
	if (record->state == PCI_EXT_BUSY)
		return pci_ext_backing_wait(entry, record);
	if (record->shared != NULL && !record->shared->ended) {
		ret = pci_ext_backing_end_shared(entry, record->shared, record->backend);
		return ret == 0 ? PCI_EXT_AGAIN : ret;
	}
	if (record->state == PCI_EXT_ACTIVE || pci_ext_backing_resume(entry, record))
		ret = end_active(entry, record, PCI_EXT_UNLESS_BUSY, prealloc);
	if (ret != 0)
		return ret;
	pci_ext_record_remove(entry, record, prealloc);
	count_ended(conflict);
	return 0;
}

void
pci_ext_record_forget(struct pci_ext_device_entry *entry, uint64_t addr, uint64_t len)
{
	const uint64_t last = addr + (len - 1);
	struct pci_ext_interval *at = pci_ext_interval_find_overlap(&entry->by_addr, addr, last);
	struct pci_ext_record *record;

	for (; at != NULL && at->first <= last; at = pci_ext_interval_next(&entry->by_addr, at)) {
		if (at->last < addr)
			continue;
		record = PCI_EXT_CONTAINER(at, struct pci_ext_record, by_addr);
		record->registration = PCI_EXT_MEMORY_GONE;
		if (record->shared != NULL)
			record->shared->registration = PCI_EXT_MEMORY_GONE;
	}
}

/* The first record after the cursor. */
static struct pci_ext_interval *
after_cursor(const struct pci_ext_device_entry *entry, const struct pci_ext_cursor *cursor)
{
	const struct pci_ext_interval key = {
		.first = cursor->at.addr,
		.last = pci_ext_range_last_addr(&cursor->at),
		.tie = cursor->at.iova,
	};

	if (!cursor->started)
		return pci_ext_interval_first(&entry->by_addr);
	return pci_ext_interval_next(&entry->by_addr, &key);
}

static struct pci_ext_record *
advance(const struct pci_ext_device_entry *entry, struct pci_ext_cursor *cursor,
	bool (*match)(const struct pci_ext_record *record))
{
	struct pci_ext_interval *at = after_cursor(entry, cursor);
	struct pci_ext_record *record;

	for (; at != NULL; at = pci_ext_interval_next(&entry->by_addr, at)) {
		record = PCI_EXT_CONTAINER(at, struct pci_ext_record, by_addr);
		if (!match(record))
			continue;
		cursor->started = true;
		cursor->at = record->range;
		return record;
	}
	return NULL;
}

static bool
is_pending(const struct pci_ext_record *record)
{
	return record->state == PCI_EXT_PENDING;
}

static bool
is_mapped_alone(const struct pci_ext_record *record)
{
	return record->state == PCI_EXT_BUSY ||
	       (record->state == PCI_EXT_ACTIVE && !record->backend->shared);
}

static bool
is_mapped_shared(const struct pci_ext_record *record)
{
	return record->state == PCI_EXT_BUSY ||
	       (record->state == PCI_EXT_ACTIVE && record->backend->shared);
}

struct pci_ext_record *
pci_ext_record_next_pending(const struct pci_ext_device_entry *entry, struct pci_ext_cursor *cursor)
{
	return advance(entry, cursor, is_pending);
}

struct pci_ext_record *
pci_ext_record_next_mapped(
	const struct pci_ext_device_entry *entry, struct pci_ext_cursor *cursor, bool shared)
{
	return advance(entry, cursor, shared ? is_mapped_shared : is_mapped_alone);
}
