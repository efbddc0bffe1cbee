/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * shared: see shared.h. Owns the set.
 */
#include <stddef.h>

#include "registry/shared.h"

struct pci_ext_device_lock pci_ext_shared_lock = PCI_EXT_DEVICE_LOCK_INITIALIZER;

static struct pci_ext_interval_set space;

struct pci_ext_shared *
pci_ext_shared_find(const struct pci_ext_range *range)
{
	struct pci_ext_interval *at;

	at = pci_ext_interval_find_overlap(&space, range->iova, pci_ext_range_last_iova(range));
	return at == NULL ? NULL : PCI_EXT_CONTAINER(at, struct pci_ext_shared, by_iova);
}

void
pci_ext_shared_add(
	struct pci_ext_shared *mapping, const struct pci_ext_range *range, uint64_t registration)
{
	*mapping = (struct pci_ext_shared){
		.by_iova = {.first = range->iova, .last = pci_ext_range_last_iova(range)},
		.range = *range,
		.registration = registration,
		.holders = 1,
		.busy = true,
	};
	pci_ext_interval_add(&space, &mapping->by_iova);
}

void
pci_ext_shared_remove(struct pci_ext_shared *mapping)
{
	pci_ext_interval_remove(&space, &mapping->by_iova);
}
