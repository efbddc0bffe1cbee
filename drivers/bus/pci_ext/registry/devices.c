/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * devices: see devices.h. Owns the tree, which the table lock guards.
 */
#include <string.h>

#include <bsd/sys/tree.h>

#include "registry/devices.h"

static int
compare_names(const struct pci_ext_device_entry *a, const struct pci_ext_device_entry *b)
{
	return strcmp(a->name, b->name);
}

RB_HEAD(device_tree, pci_ext_device_entry);
/* Not RB_GENERATE_STATIC: libbsd's uses a macro __unused that it does not define. */
RB_GENERATE_INTERNAL(
	device_tree, pci_ext_device_entry, by_name, compare_names, static __attribute__((unused)))

static struct device_tree devices = RB_INITIALIZER(&devices);

static void
set_name(struct pci_ext_device_entry *entry, const char *name)
{
	strncpy(entry->name, name, sizeof(entry->name) - 1);
	entry->name[sizeof(entry->name) - 1] = '\0';
}

struct pci_ext_device_entry *
pci_ext_devices_find(const char *name)
{
	struct pci_ext_device_entry *entry = RB_ROOT(&devices);
	int order;

	/* RB_FIND needs a whole entry as its key. */
	while (entry != NULL) {
		order = strcmp(name, entry->name);
		if (order == 0)
			return entry;
		entry = order < 0 ? RB_LEFT(entry, by_name) : RB_RIGHT(entry, by_name);
	}
	return NULL;
}

struct pci_ext_device_entry *
pci_ext_devices_after(const char *name)
{
	struct pci_ext_device_entry key, *entry;

	set_name(&key, name);
	entry = RB_NFIND(device_tree, &devices, &key);
	return entry != NULL && compare_names(entry, &key) == 0 ? pci_ext_devices_next(entry)
								: entry;
}

struct pci_ext_device_entry *
pci_ext_devices_next(struct pci_ext_device_entry *entry)
{
	return RB_NEXT(device_tree, &devices, entry);
}

struct pci_ext_device_entry *
pci_ext_devices_use(const char *name)
{
	struct pci_ext_device_entry *entry = pci_ext_devices_find(name);

	if (entry != NULL)
		entry->users++;
	return entry;
}

struct pci_ext_device_entry *
pci_ext_devices_obtain(const char *name, struct pci_ext_prealloc *prealloc)
{
	struct pci_ext_device_entry *entry = pci_ext_devices_use(name);

	if (entry != NULL)
		return entry;
	entry = prealloc->entry;
	prealloc->entry = NULL;
	*entry = (struct pci_ext_device_entry){.users = 1, .stay = 1};
	set_name(entry, name);
	pci_ext_device_lock_init(&entry->lock);
	RB_INSERT(device_tree, &devices, entry);
	return entry;
}

void
pci_ext_devices_release(struct pci_ext_device_entry *entry, struct pci_ext_prealloc *prealloc)
{
	entry->users--;
	if (entry->users != 0 || entry->presence != PCI_EXT_ABSENT || entry->by_addr.root != NULL)
		return;
	RB_REMOVE(device_tree, &devices, entry);
	pci_ext_device_lock_destroy(&entry->lock);
	if (prealloc->entry == NULL)
		prealloc->entry = entry;
	else /* the preallocated entry was not needed */
		prealloc->second_entry = entry;
}
