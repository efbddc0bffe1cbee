/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * extension: what a driver offers beside struct rte_pci_driver (pci_ext_driver.h), of whichever
 * size its structure is.
 */
#ifndef PCI_EXT_EXTENSION_H
#define PCI_EXT_EXTENSION_H

#include <stdbool.h>
#include <stddef.h>

#include "pci_ext_driver.h"

/* The extended driver, or NULL if it has no dma_map_dmabuf. */
static inline const struct pci_ext_driver *
pci_ext_extension_with_dmabuf(const struct rte_pci_driver *driver)
{
	const size_t end = offsetof(struct pci_ext_driver, dma_map_dmabuf) +
			   sizeof(((struct pci_ext_driver *)NULL)->dma_map_dmabuf);
	const struct pci_ext_driver *extended = (const struct pci_ext_driver *)driver;

	if (driver == NULL || (driver->drv_flags & PCI_EXT_DRV_EXTENDED) == 0)
		return NULL;
	return extended->size >= end && extended->dma_map_dmabuf != NULL ? extended : NULL;
}

#endif /* PCI_EXT_EXTENSION_H */
