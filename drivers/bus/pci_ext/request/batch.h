/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * batch: one range on several devices at a time, in parallel.
 */
#ifndef PCI_EXT_BATCH_H
#define PCI_EXT_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "pci_ext.h"

struct pci_ext_batch_item {
	char name[PCI_EXT_NAME_SIZE];
	int result;   /* of the call for this device */
	bool is_left; /* mapped, to be undone, and the device has not let go of it */
};

/*
 * Map for all of the devices or for none: what was mapped is unmapped if another device refuses.
 * Returns 0, or the first error in the order of the items. If a device does not let go of what has
 * to be undone, that is logged, and the item is_left. -EDEADLK, with nothing done, from a driver's
 * own dma_map or dma_unmap, for any device, as other threads would wait for the calling one.
 */
int pci_ext_batch_map(
	struct pci_ext_batch_item *items, unsigned int n, const struct pci_ext_memory *memory);

/* Unmap for each device, whatever the others return. Returns 0 or the first error; as above. */
int pci_ext_batch_unmap(
	struct pci_ext_batch_item *items, unsigned int n, const struct pci_ext_memory *memory);

#endif /* PCI_EXT_BATCH_H */
