/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * published: which ranges are mapped for each device, for readers without a lock: a copy of what
 * the registry has as mapped, kept up to date from the first use on. Programs that never ask pay
 * nothing for it.
 *
 * A transaction of the registry has been published when it returns. A device, once known, stays
 * known by its name, and is found by its struct rte_device while it is PRESENT.
 */
#ifndef PCI_EXT_PUBLISHED_H
#define PCI_EXT_PUBLISHED_H

#include "backend/backend.h"
#include "common/lookup.h"

struct pci_ext_published {
	_Atomic(struct pci_ext_published *) next;
	char name[32];
	_Atomic(const struct rte_device *) dev; /* NULL unless PRESENT */
	_Atomic(const struct pci_ext_backend *) backend;
	struct pci_ext_lookup ranges;
	_Atomic bool is_incomplete; /* for want of memory; until the next change for the device */
};

/*
 * Publish what there is, and all changes from now on; nothing if that has been done. 0 or -ENOMEM.
 * Any thread, without locks of the registry. A change waits for it.
 */
int pci_ext_published_start(void);
/*
 * Free everything. No other call may run, and no reader: for tests. A process that ends may still
 * have threads that read.
 */
void pci_ext_published_end(void);

/* The device, or NULL. Readers; no lock. */
const struct pci_ext_published *pci_ext_published_device(const struct rte_device *dev);
const struct pci_ext_published *pci_ext_published_name(const char *name);

#endif /* PCI_EXT_PUBLISHED_H */
