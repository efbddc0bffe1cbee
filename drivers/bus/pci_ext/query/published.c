/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * published: see published.h. Owns the list of devices and the lock of its writers.
 *
 * Lock order: locks of EAL, then this one, then the table lock. What is published is read from the
 * registry under this lock, so that it is as new as the latest transaction, whichever of two
 * threads comes here first.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pci_ext.h"
#include "query/published.h"
#include "registry/registry.h"

static pthread_mutex_t writers = PTHREAD_MUTEX_INITIALIZER;
static _Atomic(struct pci_ext_published *) devices;
static _Atomic bool is_started;

/* Entries in an array of their own. */
struct entries {
	struct pci_ext_lookup_entry *all;
	size_t n;
	struct pci_ext_lookup_entry few[8]; /* most changes concern one */
};

static void
entries_free(struct entries *entries)
{
	if (entries->all != entries->few)
		free(entries->all);
}

/* Room for size entries; false: no memory. */
static bool
entries_grow(struct entries *entries, size_t size)
{
	entries_free(entries);
	entries->all = malloc(size * sizeof(*entries->all));
	return entries->all != NULL;
}

static int
compare(const void *left, const void *right)
{
	return memcmp(left, right, sizeof(struct pci_ext_lookup_entry));
}

/* In an order of their own, the same for all arrays. */
static void
entries_sort(struct entries *entries)
{
	qsort(entries->all, entries->n, sizeof(*entries->all), compare);
}

/* The ranges in [first, last] that the registry has. */
static bool
read_registry(
	struct pci_ext_published *device, uint64_t first, uint64_t last, struct entries *entries)
{
	size_t size = sizeof(entries->few) / sizeof(entries->few[0]);
	struct pci_ext_registry_device now;

	entries->all = entries->few;
	while ((entries->n = pci_ext_registry_copy_mapped(
			device->name, first, last, &now, entries->all, size)) > size) {
		size = entries->n + 8;
		if (!entries_grow(entries, size))
			return false;
	}
	atomic_store(&device->backend, now.backend);
	atomic_store(&device->dev, now.dev);
	entries_sort(entries);
	return true;
}

/* The ranges in [first, last] that are published. */
static bool
read_published(const struct pci_ext_published *device, uint64_t first, uint64_t last,
	struct entries *entries)
{
	size_t size = sizeof(entries->few) / sizeof(entries->few[0]);

	entries->all = entries->few;
	entries->n = pci_ext_lookup_copy(&device->ranges, first, last, entries->all, size);
	if (entries->n > size) {
		if (!entries_grow(entries, entries->n))
			return false;
		pci_ext_lookup_copy(&device->ranges, first, last, entries->all, entries->n);
	}
	entries_sort(entries);
	return true;
}

/* Make published what the registry has, without a change of what both have. False: no memory. */
static bool
merge(struct pci_ext_lookup *ranges, const struct entries *old, const struct entries *new)
{
	size_t i = 0, j = 0;
	int order, ret = 0;

	while (ret == 0 && (i < old->n || j < new->n)) {
		order = i == old->n ? 1 : j == new->n ? -1 : compare(&old->all[i], &new->all[j]);
		if (order < 0)
			ret = pci_ext_lookup_remove(ranges, &old->all[i++]);
		else if (order > 0)
			ret = pci_ext_lookup_add(ranges, &new->all[j++]);
		else
			i++, j++;
	}
	return ret == 0;
}

static bool
update_range(struct pci_ext_published *device, uint64_t first, uint64_t last)
{
	struct entries old, new;
	bool done;

	done = read_registry(device, first, last, &new);
	if (done) {
		done = read_published(device, first, last, &old) &&
		       merge(&device->ranges, &old, &new);
		entries_free(&old);
	}
	entries_free(&new);
	return done;
}

/* After a failure, all of it. */
static void
update(struct pci_ext_published *device, uint64_t first, uint64_t last)
{
	bool done;

	if (atomic_load(&device->is_incomplete)) {
		first = 0;
		last = UINT64_MAX;
	}
	done = update_range(device, first, last);
	atomic_store(&device->is_incomplete, !done);
}

const struct pci_ext_published *
pci_ext_published_name(const char *name)
{
	const struct pci_ext_published *device = atomic_load(&devices);

	while (device != NULL && strcmp(device->name, name) != 0)
		device = atomic_load(&device->next);
	return device;
}

const struct pci_ext_published *
pci_ext_published_device(const struct rte_device *dev)
{
	const struct pci_ext_published *device;

	device = atomic_load_explicit(&devices, memory_order_acquire);
	while (device != NULL && atomic_load_explicit(&device->dev, memory_order_acquire) != dev)
		device = atomic_load_explicit(&device->next, memory_order_acquire);
	return device;
}

/* Whether there is something to tell of a device. */
static bool
is_needed(const struct pci_ext_published *device)
{
	return atomic_load(&device->is_incomplete) || atomic_load(&device->dev) != NULL ||
	       pci_ext_lookup_copy(&device->ranges, 0, UINT64_MAX, NULL, 0) != 0;
}

/* A device that is not known yet; all of it. */
static int
add_device(const char *name)
{
	struct pci_ext_published *device = calloc(1, sizeof(*device));

	if (device == NULL)
		return -ENOMEM;
	snprintf(device->name, sizeof(device->name), "%s", name);
	update(device, 0, UINT64_MAX);
	if (!is_needed(device)) {
		pci_ext_lookup_destroy(&device->ranges);
		free(device);
		return 0;
	}
	atomic_store(&device->next, atomic_load(&devices));
	atomic_store(&devices, device);
	return 0;
}

static void
update_all(uint64_t first, uint64_t last)
{
	struct pci_ext_published *device = atomic_load(&devices);

	for (; device != NULL; device = atomic_load(&device->next))
		update(device, first, last);
}

static void
changed(const char *name, uint64_t first, uint64_t last)
{
	struct pci_ext_published *device;

	pthread_mutex_lock(&writers);
	if (name == NULL) {
		update_all(first, last);
	} else {
		device = (struct pci_ext_published *)(uintptr_t)pci_ext_published_name(name);
		if (device != NULL)
			update(device, first, last);
		else if (add_device(name) != 0)
			atomic_store(&is_started, false); /* the next one to ask tries again */
	}
	pthread_mutex_unlock(&writers);
}

static int
add_all(void)
{
	char name[PCI_EXT_NAME_SIZE] = "";
	int ret = 0;

	while (ret == 0 && pci_ext_registry_next_device(name))
		if (pci_ext_published_name(name) == NULL)
			ret = add_device(name);
	return ret;
}

int
pci_ext_published_start(void)
{
	int ret = 0;

	if (atomic_load_explicit(&is_started, memory_order_acquire))
		return 0;
	pthread_mutex_lock(&writers);
	if (!atomic_load(&is_started)) {
		pci_ext_registry_watch(changed);
		ret = add_all();
		atomic_store(&is_started, ret == 0);
	}
	pthread_mutex_unlock(&writers);
	return ret;
}

void
pci_ext_published_end(void)
{
	struct pci_ext_published *device = atomic_load(&devices), *next;

	pci_ext_registry_watch(NULL);
	for (; device != NULL; device = next) {
		next = atomic_load(&device->next);
		pci_ext_lookup_destroy(&device->ranges);
		free(device);
	}
	atomic_store(&devices, NULL);
	atomic_store(&is_started, false);
}
