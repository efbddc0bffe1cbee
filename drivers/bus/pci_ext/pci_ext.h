/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Driver-specific DMA mapping on DPDK's PCI bus: the public contract.
 *
 * With librte_bus_pci_ext.so loaded, rte_dev_dma_map() and rte_dev_dma_unmap() of every PCI device
 * behave as told here. An application needs no other call: it registers its memory with
 * rte_extmem_register() and maps it for each device that shall reach it. The in-tree bus has the
 * same entry points without the guarantees.
 *
 * Backends
 * --------
 * A mapping is made by the first of these that serves the device:
 *   driver  the device's driver has both callbacks, rte_pci_driver.dma_map and dma_unmap
 *   vfio    the device is on vfio-pci and a driver has claimed it: VFIO's default container
 *   none    everything else, for instance a device that is still on its kernel driver
 *
 * Units
 * -----
 * addr is an address of this process, iova the address by which the device sees it, len is in
 * bytes. Where EAL runs in IOVA-as-VA mode, an iova of 0 or RTE_BAD_IOVA means addr itself (testpmd
 * passes 0). A mapping is named by (device, addr, iova, len) with the iova that came of this.
 * The driver backend takes any byte range; vfio wants addr, iova and len in pages.
 *
 * Results
 * -------
 * 0, or a negative errno; rte_errno is then always the same value, positive. A call that fails has
 * changed nothing. Ranges never wrap.
 *
 *   EINVAL   NULL device, or no driver has claimed a device that is on vfio-pci;
 *            addr + len or iova + len wraps; part of the range is not known to EAL;
 *            not aligned to the page (vfio only), or an IOVA that the IOMMU does not offer;
 *            unmap with another length, of an inner address, or across several mappings
 *   ENOTSUP  no backend serves the device; a secondary process (in this version);
 *            len is 0 (EAL's own check)
 *   EEXIST   map overlaps a live mapping, which stays: in addr on the same device for driver, in
 *            iova on any device for vfio, where memory of EAL itself counts as mapped
 *   EFAULT   the memory is not backed, or not with the permission that is needed
 *   ENOMEM   no memory, or a limit; a log line names the limit and its present value
 *   ENOENT   unmap of nothing
 *   EBUSY    unmap while a queue of the device owns buffers in the range (driver only): stop or
 *            drain the queue, then again. On vfio the bus cannot know: the result is 0, and the
 *            IOMMU refuses what the device tries later.
 *   others   as the driver or the kernel gave them; EIO where they gave none
 *
 * After unmap has returned 0 the device cannot reach the memory, and nothing brings the mapping
 * back by itself.
 *
 * Threads
 * -------
 * Any thread may call at any time, with traffic running, but not from a signal handler. Calls may
 * sleep. Do not call from a driver's own dma_map or dma_unmap.
 */
#ifndef PCI_EXT_H
#define PCI_EXT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PCI_EXT_NAME_SIZE 32 /* of a device or a backend, with its terminating zero */

enum pci_ext_state {
	PCI_EXT_PENDING, /* wished for a device that is not there, or that could not take it */
	PCI_EXT_ACTIVE,	 /* a backend holds it */
};

/* One mapping, as it was at the time of the call that gave it. */
struct pci_ext_mapping {
	char device[PCI_EXT_NAME_SIZE];
	char backend[PCI_EXT_NAME_SIZE]; /* "" when there is none yet */
	uint64_t addr;
	uint64_t iova;
	uint64_t len;	     /* bytes */
	uint32_t references; /* as many unmaps end it */
	enum pci_ext_state state;
	uint64_t age; /* seconds in this state */
};

/* One device, likewise. */
struct pci_ext_device {
	char name[PCI_EXT_NAME_SIZE];
	char backend[PCI_EXT_NAME_SIZE]; /* "driver", "vfio", or "" when nothing serves it */
	int present;			 /* a driver has claimed it */
	uint64_t active;		 /* mappings */
	uint64_t pending;
	uint64_t active_bytes;
};

#ifdef __cplusplus
}
#endif

#endif /* PCI_EXT_H */
