/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * memory: what EAL knows of memory, asked without its lock, since a caller within a memory callback
 * holds that already. EAL's own check of rte_dev_dma_map() does the same.
 *
 * Any thread. The list that had the last answer is looked at first: EAL searches 128 of them.
 */
#ifndef PCI_EXT_MEMORY_H
#define PCI_EXT_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

/* Whether EAL knows every byte of [addr, addr + len), which does not wrap. */
bool pci_ext_memory_is_known(uint64_t addr, uint64_t len);

/*
 * Whether EAL maps some of [iova, iova + len) on VFIO by itself: its own memory and its heaps, at
 * iova = va. Lists that it has only reserved count as well, since it maps their pages as they come.
 * In IOVA-as-PA mode the answer is no: there its addresses say nothing about IOVAs.
 */
bool pci_ext_memory_is_mapped_by_eal(uint64_t iova, uint64_t len);

#endif /* PCI_EXT_MEMORY_H */
