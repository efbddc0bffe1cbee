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

/* The extended driver, if it has the first bytes of its structure; or NULL. */
static inline const struct pci_ext_driver *
pci_ext_extension(const struct rte_pci_driver *driver, size_t bytes)
{
	const struct pci_ext_driver *extended = (const struct pci_ext_driver *)driver;

	if (driver == NULL || (driver->drv_flags & PCI_EXT_DRV_EXTENDED) == 0)
		return NULL;
	return extended->size >= bytes ? extended : NULL;
}

/* Up to the end of a member. */
#define PCI_EXT_EXTENSION_UP_TO(member)                                                            \
	(offsetof(struct pci_ext_driver, member) + sizeof(((struct pci_ext_driver *)NULL)->member))

/* The extended driver, or NULL if it has no dma_map_dmabuf. */
static inline const struct pci_ext_driver *
pci_ext_extension_with_dmabuf(const struct rte_pci_driver *driver)
{
	const struct pci_ext_driver *extended =
		pci_ext_extension(driver, PCI_EXT_EXTENSION_UP_TO(dma_map_dmabuf));

	return extended != NULL && extended->dma_map_dmabuf != NULL ? extended : NULL;
}

/* The same of dma_map_access. */
static inline const struct pci_ext_driver *
pci_ext_extension_with_access(const struct rte_pci_driver *driver)
{
	const struct pci_ext_driver *extended =
		pci_ext_extension(driver, PCI_EXT_EXTENSION_UP_TO(dma_map_access));

	return extended != NULL && extended->dma_map_access != NULL ? extended : NULL;
}

#endif /* PCI_EXT_EXTENSION_H */
