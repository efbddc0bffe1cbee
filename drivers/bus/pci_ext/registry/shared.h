/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * shared: the mappings of the address space that all devices of a shared backend have in common, by
 * IOVA. They never overlap. EAL's default container is the only one, so there is one address
 * space.
 *
 * Called by record alone, under the table lock. Allocates and frees nothing.
 */
#ifndef PCI_EXT_SHARED_H
#define PCI_EXT_SHARED_H

#include "common/interval.h"
#include "registry/lock.h"
#include "common/range.h"

struct pci_ext_shared {
	struct pci_ext_interval by_iova;
	struct pci_ext_range range;
	uint64_t registration; /* of its memory, memory.h; the same for its holders */
	uint64_t holders;      /* records that are not PENDING */
	bool busy;	       /* being mapped or unmapped */
	bool ended;	       /* unmapped and removed, but still referenced by its holders */
};

/* The device lock shared by all devices of the address space. Held while a mapping is busy. */
extern struct pci_ext_device_lock pci_ext_shared_lock;

/* The lowest mapping that overlaps the range's IOVAs, or NULL. */
struct pci_ext_shared *pci_ext_shared_find(const struct pci_ext_range *range);
/* Initialise a mapping, busy and with one holder, and add it. */
void pci_ext_shared_add(
	struct pci_ext_shared *mapping, const struct pci_ext_range *range, uint64_t registration);
void pci_ext_shared_remove(struct pci_ext_shared *mapping);

#endif /* PCI_EXT_SHARED_H */
