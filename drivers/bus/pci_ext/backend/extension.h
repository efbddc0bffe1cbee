/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * extension: what a driver offers beside struct rte_pci_driver (pci_ext_driver.h), of whichever
 * size its structure is: an older one ends before its last members.
 */
#ifndef PCI_EXT_EXTENSION_H
#define PCI_EXT_EXTENSION_H

#include <stdbool.h>
#include <stddef.h>

#include "pci_ext_driver.h"

/* Up to the end of a member. */
#define PCI_EXT_EXTENSION_UP_TO(member)                                                            \
	(offsetof(struct pci_ext_driver, member) + sizeof(((struct pci_ext_driver *)NULL)->member))

/* The extended driver, or NULL if it has no dma_map_memory. */
static inline const struct pci_ext_driver *
pci_ext_extension(const struct rte_pci_driver *driver)
{
	const struct pci_ext_driver *extended = (const struct pci_ext_driver *)driver;

	if (driver == NULL || (driver->drv_flags & PCI_EXT_DRV_EXTENDED) == 0)
		return NULL;
	if (extended->size < PCI_EXT_EXTENSION_UP_TO(dma_map_memory))
		return NULL;
	return extended->dma_map_memory != NULL ? extended : NULL;
}

#endif /* PCI_EXT_EXTENSION_H */
