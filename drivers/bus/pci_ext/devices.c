/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * devices: see devices.h. Owns the tree, which the table lock guards.
 */
#include <string.h>

#include <bsd/sys/tree.h>

#include "devices.h"

static int
compare_names(const struct pci_ext_owner *a, const struct pci_ext_owner *b)
{
	return strcmp(a->name, b->name);
}

RB_HEAD(device_tree, pci_ext_owner);
/* Not RB_GENERATE_STATIC: libbsd's relies on a macro __unused that it does not define. */
RB_GENERATE_INTERNAL(
	device_tree, pci_ext_owner, by_name, compare_names, static __attribute__((unused)))

static struct device_tree devices = RB_INITIALIZER(&devices);

static void
set_name(struct pci_ext_owner *owner, const char *name)
{
	strncpy(owner->name, name, sizeof(owner->name) - 1);
	owner->name[sizeof(owner->name) - 1] = '\0';
}

struct pci_ext_owner *
pci_ext_devices_find(const char *name)
{
	struct pci_ext_owner *owner = RB_ROOT(&devices);
	int order;

	/* RB_FIND would want a whole device as a key. */
	while (owner != NULL) {
		order = strcmp(name, owner->name);
		if (order == 0)
			return owner;
		owner = order < 0 ? RB_LEFT(owner, by_name) : RB_RIGHT(owner, by_name);
	}
	return NULL;
}

struct pci_ext_owner *
pci_ext_devices_after(const char *name)
{
	struct pci_ext_owner key, *owner;

	set_name(&key, name);
	owner = RB_NFIND(device_tree, &devices, &key);
	return owner != NULL && compare_names(owner, &key) == 0 ? pci_ext_devices_next(owner)
								: owner;
}

struct pci_ext_owner *
pci_ext_devices_next(struct pci_ext_owner *owner)
{
	return RB_NEXT(device_tree, &devices, owner);
}

struct pci_ext_owner *
pci_ext_devices_use(const char *name)
{
	struct pci_ext_owner *owner = pci_ext_devices_find(name);

	if (owner != NULL)
		owner->users++;
	return owner;
}

struct pci_ext_owner *
pci_ext_devices_obtain(const char *name, struct pci_ext_prealloc *prealloc)
{
	struct pci_ext_owner *owner = pci_ext_devices_use(name);

	if (owner != NULL)
		return owner;
	owner = prealloc->owner;
	prealloc->owner = NULL;
	*owner = (struct pci_ext_owner){.users = 1, .stay = 1};
	set_name(owner, name);
	pci_ext_device_lock_init(&owner->lock);
	RB_INSERT(device_tree, &devices, owner);
	return owner;
}

void
pci_ext_devices_release(struct pci_ext_owner *owner, struct pci_ext_prealloc *prealloc)
{
	owner->users--;
	if (owner->users != 0 || owner->presence != PCI_EXT_ABSENT || owner->by_addr.root != NULL)
		return;
	RB_REMOVE(device_tree, &devices, owner);
	pci_ext_device_lock_destroy(&owner->lock);
	if (prealloc->owner == NULL)
		prealloc->owner = owner;
	else /* it had been there when it was obtained */
		prealloc->second_owner = owner;
}
