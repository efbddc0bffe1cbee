/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pools: reports a mempool on memory that EAL has never heard of, which no device on VFIO can
 * access and nobody can map: rte_dev_dma_map() refuses such memory before the bus is called. The
 * device would meet IOMMU faults, which a program does not see.
 */
#ifndef PCI_EXT_POOLS_H
#define PCI_EXT_POOLS_H

/*
 * A driver has claimed a device on VFIO: from now on new pools are looked at, a second after their
 * creation, as an application may register a pool's memory with EAL when it has the pool. One
 * WARNING for each pool whose memory is still unknown then; none for a pool that is no longer
 * there, and none without an IOMMU. To be called after EAL's memory is initialised; repeated calls
 * are harmless. One thread at a time.
 */
void pci_ext_pools_watch(void);

#endif /* PCI_EXT_POOLS_H */
