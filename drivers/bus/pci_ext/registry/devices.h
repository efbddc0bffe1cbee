/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * devices: the table of devices, by name. A device is in it while a driver has claimed it, while it
 * has records, and while a transaction uses it.
 *
 * Called by registry alone, under the table lock. Allocates and frees nothing.
 */
#ifndef PCI_EXT_DEVICES_H
#define PCI_EXT_DEVICES_H

#include "registry/table.h"

/* The entry of that name, or NULL. */
struct pci_ext_device_entry *pci_ext_devices_find(const char *name);
/* Ordered by name: the first entry after name, which need not exist ("" for the first), or NULL. */
struct pci_ext_device_entry *pci_ext_devices_after(const char *name);
struct pci_ext_device_entry *pci_ext_devices_next(struct pci_ext_device_entry *entry);

/* As find; the entry stays until it is released, also while the table lock is not held. */
struct pci_ext_device_entry *pci_ext_devices_use(const char *name);
/* As use; if there is none, prealloc->entry is initialised and inserted. */
struct pci_ext_device_entry *pci_ext_devices_obtain(
	const char *name, struct pci_ext_prealloc *prealloc);
/* An entry that is no longer needed is removed and left in prealloc. */
void pci_ext_devices_release(struct pci_ext_device_entry *entry, struct pci_ext_prealloc *prealloc);

#endif /* PCI_EXT_DEVICES_H */
