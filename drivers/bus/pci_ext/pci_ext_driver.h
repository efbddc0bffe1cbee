/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a driver can offer to pci_ext beside struct rte_pci_driver, which has no room for it: memory
 * without a CPU address, and memory that the device may only read.
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
	 * A map of a dma-buf for this device, with the results of dma_map: 0, or a negative errno
	 * and rte_errno. The bytes [offset, offset + len) of the dma-buf are at addr and iova
	 * for packets; whether the CPU can read them there is not known. fd is open during the call
	 * only. The driver may leave references to the bus, and refuse a second map of a range by
	 * EEXIST. Its dma_unmap ends the mapping. ENOTSUP: the device, its kernel driver or the one
	 * of the dma-buf cannot. Called as dma_map.
	 */
	int (*dma_map_dmabuf)(struct rte_pci_device *dev, int fd, uint64_t offset, void *addr,
		uint64_t iova, size_t len);
	/*
	 * A map with an access for this device, with the results of dma_map, as which it is called.
	 * access is not READ_WRITE, for which dma_map is called. The bus has checked that
	 * no other mapping overlaps. The driver's dma_unmap ends the mapping.
	 */
	int (*dma_map_access)(struct rte_pci_device *dev, void *addr, uint64_t iova, size_t len,
		enum pci_ext_access access);
};

#ifdef __cplusplus
}
#endif

#endif /* PCI_EXT_DRIVER_H */
