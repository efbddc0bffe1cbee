/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * snapshot: copies of registry's tables, to be read without its lock.
 */
#ifndef PCI_EXT_SNAPSHOT_H
#define PCI_EXT_SNAPSHOT_H

#include <stddef.h>

#include "pci_ext.h"

/*
 * The mappings of one device, or of all (name NULL); all devices. The caller frees *copies by
 * free(). 0 or -ENOMEM.
 */
int pci_ext_snapshot_mappings(const char *name, struct pci_ext_mapping **copies, size_t *n);
int pci_ext_snapshot_devices(struct pci_ext_device **copies, size_t *n);

#endif /* PCI_EXT_SNAPSHOT_H */
