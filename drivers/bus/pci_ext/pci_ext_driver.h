/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a driver can offer to pci_ext beside struct rte_pci_driver, which has no room for it: maps
 * of memory without a CPU address, and of memory that the device may only read.
 *
 * A driver that offers it registers the first member of a struct pci_ext_driver, by
 * rte_pci_register(), with PCI_EXT_DRV_EXTENDED among its drv_flags. DPDK's own PCI bus ignores
 * both. A driver without it is served as ever: what it lacks is ENOTSUP.
 */
#ifndef PCI_EXT_DRIVER_H
#define PCI_EXT_DRIVER_H

#include <stddef.h>
#include <stdint.h>

#include <bus_pci_driver.h>

#include "pci_ext.h"

#ifdef __cplusplus
extern "C" {
#endif

/* In rte_pci_driver.drv_flags: the structure is the first member of a struct pci_ext_driver. */
#define PCI_EXT_DRV_EXTENDED 0x40000000

struct pci_ext_driver {
	struct rte_pci_driver pci; /* with dma_map and dma_unmap */
	size_t size;		   /* sizeof(struct pci_ext_driver); what comes later is NULL */
	/*
	 * A map of what dma_map cannot express: a dma-buf, an access other than READ_WRITE, or
	 * both; for all else dma_map is called. Called as dma_map, with the same results: 0, or a
	 * negative errno and rte_errno. ENOTSUP: the driver, the device, its kernel driver or the
	 * one of the dma-buf cannot do this. Its dma_unmap ends the mapping.
	 *
	 * Of a dma-buf the bytes [offset, offset + len) are at addr and iova for packets; whether
	 * the CPU can read them there is not known. fd is open during the call only.
	 *
	 * The bus has checked that no other mapping overlaps, and counts references: the driver may
	 * refuse a second map of a range by EEXIST.
	 */
	int (*dma_map_memory)(struct rte_pci_device *dev, const struct pci_ext_memory *memory);
};

#ifdef __cplusplus
}
#endif

#endif /* PCI_EXT_DRIVER_H */
