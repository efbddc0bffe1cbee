/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * registry: the devices by name, and THE lock. What happens to the records of a device within one
 * scope of that lock is record's part.
 *
 * Called by dispatch, replay, telemetry and the public API. A transaction is what is between
 * begin() and end(): what it may need is allocated before, what it no longer needs is freed after;
 * both travel in a struct pci_ext_spare.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <bsd/sys/tree.h>

#include "interval.h"
#include "record.h"
#include "registry.h"
#include "spare.h"

static int
compare_names(const struct pci_ext_owner *a, const struct pci_ext_owner *b)
{
	return strcmp(a->name, b->name);
}

RB_HEAD(device_tree, pci_ext_owner);
/* Not RB_GENERATE_STATIC: libbsd's relies on a macro __unused that it does not define. */
RB_GENERATE_INTERNAL(
	device_tree, pci_ext_owner, by_name, compare_names, static __attribute__((unused)))

/* Everything below is under this lock. Its place in the order: see registry.h. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct device_tree devices = RB_INITIALIZER(&devices);

/* Takes the lock, with one of each at hand, all zero. -ENOMEM: the lock is not held. */
static int
begin(struct pci_ext_spare *spare)
{
	*spare = (struct pci_ext_spare){NULL};
	pthread_mutex_lock(&lock);
	if (!pci_ext_spare_take(spare)) {
		pthread_mutex_unlock(&lock);
		if (pci_ext_spare_fill(spare) != 0)
			return -ENOMEM;
		pthread_mutex_lock(&lock);
	}
	pci_ext_spare_zero(spare);
	return 0;
}

/* Takes the lock for what needs nothing. */
static void
begin_without(struct pci_ext_spare *spare)
{
	*spare = (struct pci_ext_spare){NULL};
	pthread_mutex_lock(&lock);
}

/* Releases the lock, then frees what need not be kept. */
static void
end(struct pci_ext_spare *spare)
{
	pci_ext_spare_keep(spare);
	pthread_mutex_unlock(&lock);
	pci_ext_spare_free(spare);
}

static struct pci_ext_owner *
find_device(const char *name)
{
	struct pci_ext_owner key;

	strncpy(key.name, name, sizeof(key.name) - 1);
	key.name[sizeof(key.name) - 1] = '\0';
	return RB_FIND(device_tree, &devices, &key);
}

static struct pci_ext_owner *
obtain_device(const char *name, struct pci_ext_spare *spare)
{
	struct pci_ext_owner *owner = find_device(name);

	if (owner != NULL)
		return owner;
	owner = spare->owner;
	spare->owner = NULL;
	strncpy(owner->name, name, sizeof(owner->name) - 1);
	RB_INSERT(device_tree, &devices, owner);
	return owner;
}

/* Takes a device out that there is nothing to say about. */
static void
release_device(struct pci_ext_owner *owner, struct pci_ext_spare *spare)
{
	if (owner->presence != PCI_EXT_ABSENT || owner->by_addr.root != NULL)
		return;
	RB_REMOVE(device_tree, &devices, owner);
	spare->owner = owner;
}

static void
enter_device(struct pci_ext_owner *owner, const struct pci_ext_target *target,
	const struct pci_ext_backend *backend)
{
	owner->presence = PCI_EXT_PRESENT;
	owner->target = *target;
	owner->target.name = owner->name;
	owner->backend = backend;
}

int
pci_ext_registry_map(const struct pci_ext_target *target, const struct pci_ext_backend *backend,
	const struct pci_ext_range *range, struct pci_ext_clash *clash)
{
	struct pci_ext_owner *owner;
	struct pci_ext_spare spare;
	int ret;

	*clash = (struct pci_ext_clash){0};
	ret = begin(&spare);
	if (ret != 0)
		return ret;
	owner = obtain_device(target->name, &spare);
	if (target->dev != NULL && owner->presence == PCI_EXT_LEAVING) {
		ret = -EINVAL;
	} else {
		if (target->dev != NULL)
			enter_device(owner, target, backend);
		ret = pci_ext_record_get(owner, range, &spare, clash);
	}
	release_device(owner, &spare);
	end(&spare);
	return ret;
}

int
pci_ext_registry_unmap(
	const char *name, const struct pci_ext_range *range, struct pci_ext_clash *clash)
{
	struct pci_ext_spare spare;
	struct pci_ext_owner *owner;
	int ret = -ENOENT;

	*clash = (struct pci_ext_clash){0};
	begin_without(&spare);
	owner = find_device(name);
	if (owner != NULL) {
		ret = pci_ext_record_put(owner, range, &spare, clash);
		release_device(owner, &spare);
	}
	end(&spare);
	return ret;
}

int
pci_ext_registry_attach(const struct pci_ext_target *target, const struct pci_ext_backend *backend)
{
	struct pci_ext_spare spare;
	int ret;

	ret = begin(&spare);
	if (ret != 0)
		return ret;
	enter_device(obtain_device(target->name, &spare), target, backend);
	end(&spare);
	return 0;
}

void
pci_ext_registry_leave(const char *name)
{
	struct pci_ext_owner *owner;

	pthread_mutex_lock(&lock);
	owner = find_device(name);
	if (owner != NULL && owner->presence == PCI_EXT_PRESENT)
		owner->presence = PCI_EXT_LEAVING;
	pthread_mutex_unlock(&lock);
}

void
pci_ext_registry_detach(const char *name)
{
	struct pci_ext_spare spare;
	struct pci_ext_owner *owner;

	begin_without(&spare);
	owner = find_device(name);
	if (owner != NULL) {
		owner->presence = PCI_EXT_ABSENT;
		release_device(owner, &spare);
	}
	end(&spare);
}

bool
pci_ext_registry_park(const char *name, struct pci_ext_cursor *cursor, int *result)
{
	struct pci_ext_spare spare;
	struct pci_ext_record *record = NULL;
	struct pci_ext_owner *owner;

	begin_without(&spare);
	owner = find_device(name);
	if (owner != NULL)
		record = pci_ext_record_advance(owner, cursor, PCI_EXT_ACTIVE);
	if (record != NULL)
		*result = pci_ext_record_park(owner, record, &spare);
	end(&spare);
	return record != NULL;
}

bool
pci_ext_registry_next_pending(const char *name, struct pci_ext_cursor *cursor)
{
	struct pci_ext_record *record = NULL;
	struct pci_ext_owner *owner;

	pthread_mutex_lock(&lock);
	owner = find_device(name);
	if (owner != NULL)
		record = pci_ext_record_advance(owner, cursor, PCI_EXT_PENDING);
	pthread_mutex_unlock(&lock);
	return record != NULL;
}

int
pci_ext_registry_activate(
	const char *name, const struct pci_ext_range *range, struct pci_ext_clash *clash)
{
	struct pci_ext_record *record = NULL;
	struct pci_ext_owner *owner;
	struct pci_ext_spare spare;
	int ret;

	*clash = (struct pci_ext_clash){0};
	ret = begin(&spare);
	if (ret != 0)
		return ret;
	owner = find_device(name);
	if (owner != NULL && owner->presence == PCI_EXT_PRESENT)
		record = pci_ext_record_find(owner, range);
	if (record == NULL)
		ret = -ENOENT;
	else if (record->state == PCI_EXT_PENDING)
		ret = pci_ext_record_activate(owner, record, &spare, clash);
	end(&spare);
	return ret;
}

int
pci_ext_registry_drop(const char *name, const struct pci_ext_range *range)
{
	struct pci_ext_spare spare;
	struct pci_ext_record *record = NULL;
	struct pci_ext_owner *owner;

	begin_without(&spare);
	owner = find_device(name);
	if (owner != NULL)
		record = pci_ext_record_find(owner, range);
	if (record != NULL && record->state != PCI_EXT_PENDING)
		record = NULL;
	if (record != NULL) {
		pci_ext_record_remove(owner, record, &spare);
		release_device(owner, &spare);
	}
	end(&spare);
	return record == NULL ? -ENOENT : 0;
}

/* Takes the first record or, when there is none, the first device. Returns false at the end. */
static bool
take_one(struct pci_ext_spare *spare)
{
	struct pci_ext_owner *owner = RB_MIN(device_tree, &devices);
	struct pci_ext_cursor cursor = {0};
	struct pci_ext_record *record;

	if (owner == NULL)
		return false;
	record = pci_ext_record_advance(owner, &cursor, PCI_EXT_PENDING);
	if (record != NULL)
		pci_ext_record_remove(owner, record, spare);
	else
		owner->presence = PCI_EXT_ABSENT;
	release_device(owner, spare);
	/* An ACTIVE record would be left: that of a device which nobody has parked. */
	return spare->owner != NULL || spare->record != NULL;
}

void
pci_ext_registry_clear(void)
{
	struct pci_ext_spare spare;
	bool more;

	do {
		begin_without(&spare);
		more = take_one(&spare);
		end(&spare);
	} while (more);
	begin_without(&spare);
	pci_ext_spare_take(&spare);
	pthread_mutex_unlock(&lock);
	pci_ext_spare_free(&spare);
}

static void
copy_backend(const struct pci_ext_owner *owner, char backend[PCI_EXT_NAME_SIZE])
{
	backend[0] = '\0';
	if (owner->backend != NULL)
		strncat(backend, owner->backend->name, PCI_EXT_NAME_SIZE - 1);
}

static void
copy_mapping(const struct pci_ext_owner *owner, const struct pci_ext_record *record,
	struct pci_ext_mapping *copy)
{
	memcpy(copy->device, owner->name, sizeof(copy->device));
	copy_backend(owner, copy->backend);
	copy->addr = record->range.addr;
	copy->iova = record->range.iova;
	copy->len = record->range.len;
	copy->references = record->references;
	copy->state = record->state;
	copy->age = pci_ext_record_age(record);
}

static void
copy_device(const struct pci_ext_owner *owner, struct pci_ext_device *copy)
{
	memcpy(copy->name, owner->name, sizeof(copy->name));
	copy_backend(owner, copy->backend);
	copy->present = owner->presence != PCI_EXT_ABSENT;
	copy->active = owner->active;
	copy->pending = owner->pending;
	copy->active_bytes = owner->active_bytes;
}

size_t
pci_ext_registry_copy_mappings(const char *name, struct pci_ext_mapping *mappings, size_t max)
{
	struct pci_ext_interval *at;
	struct pci_ext_owner *owner;
	size_t n = 0;

	pthread_mutex_lock(&lock);
	RB_FOREACH (owner, device_tree, &devices) {
		if (name != NULL && strcmp(name, owner->name) != 0)
			continue;
		PCI_EXT_INTERVAL_FOREACH(at, &owner->by_addr)
		{
			if (n < max)
				copy_mapping(owner,
					PCI_EXT_CONTAINER(at, struct pci_ext_record, by_addr),
					&mappings[n]);
			n++;
		}
	}
	pthread_mutex_unlock(&lock);
	return n;
}

size_t
pci_ext_registry_copy_devices(const char *name, struct pci_ext_device *copies, size_t max)
{
	struct pci_ext_owner *owner;
	size_t n = 0;

	pthread_mutex_lock(&lock);
	RB_FOREACH (owner, device_tree, &devices) {
		if (name != NULL && strcmp(name, owner->name) != 0)
			continue;
		if (n < max)
			copy_device(owner, &copies[n]);
		n++;
	}
	pthread_mutex_unlock(&lock);
	return n;
}

void
pci_ext_registry_count(struct pci_ext_registry_totals *totals)
{
	struct pci_ext_owner *owner;

	*totals = (struct pci_ext_registry_totals){0};
	pthread_mutex_lock(&lock);
	RB_FOREACH (owner, device_tree, &devices) {
		totals->devices++;
		totals->active += owner->active;
		totals->pending += owner->pending;
		totals->active_bytes += owner->active_bytes;
	}
	pthread_mutex_unlock(&lock);
}
