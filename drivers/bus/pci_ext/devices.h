/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * devices: the table of devices, by name. A device is in it while a driver has claimed it, while it
 * has records, and while a transaction uses it.
 *
 * Called by registry alone, under the table lock. Allocates and frees nothing.
 */
#ifndef PCI_EXT_DEVICES_H
#define PCI_EXT_DEVICES_H

#include "table.h"

/* NULL: there is none. */
struct pci_ext_device_entry *pci_ext_devices_find(const char *name);
/* In the order of their names: the first after name, which need not be there ("" for the first). */
struct pci_ext_device_entry *pci_ext_devices_after(const char *name);
struct pci_ext_device_entry *pci_ext_devices_next(struct pci_ext_device_entry *entry);

/* The same as find, but it stays until it is released, also while the table lock is left. */
struct pci_ext_device_entry *pci_ext_devices_use(const char *name);
/* Likewise; if there is none, one is made of prealloc->entry. */
struct pci_ext_device_entry *pci_ext_devices_obtain(
	const char *name, struct pci_ext_prealloc *prealloc);
/* If there is nothing more to say about it, it is left in prealloc. */
void pci_ext_devices_release(struct pci_ext_device_entry *entry, struct pci_ext_prealloc *prealloc);

#endif /* PCI_EXT_DEVICES_H */
