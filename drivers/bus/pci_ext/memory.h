/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * memory: what EAL knows of memory, asked without its lock, since a caller within a memory callback
 * holds that already. EAL's own check of rte_dev_dma_map() does the same.
 *
 * A registration is what EAL knew memory as at one time: a number that no other memory has had at
 * the same address. rte_extmem_register() gives each list that it makes a socket of its own, which
 * it never gives again. EAL's own memory and that of its heaps has no such number; its end is told
 * by EAL's memory events (pci_ext_memory_watch()), and what has ended becomes PCI_EXT_MEMORY_GONE.
 *
 * Any thread. The list that had the last answer is looked at first: EAL searches 128 of them.
 */
#ifndef PCI_EXT_MEMORY_H
#define PCI_EXT_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

/* The registration of memory that has gone. */
#define PCI_EXT_MEMORY_GONE UINT64_MAX

/*
 * Whether EAL knows every byte of [addr, addr + len), which does not wrap; if so, as what. A range
 * over several registrations has one of its own, which ends with any of them.
 */
bool pci_ext_memory_identify(uint64_t addr, uint64_t len, uint64_t *registration);

/*
 * Whether the memory that was [addr, addr + len) under this registration is there still. Takes no
 * lock and does not wait.
 */
bool pci_ext_memory_is_current(uint64_t addr, uint64_t len, uint64_t registration);

/*
 * Whether EAL maps some of [iova, iova + len) on VFIO by itself: its own memory and its heaps, at
 * iova = va. Lists that it has only reserved count as well, since it maps their pages as they come.
 * In IOVA-as-PA mode the answer is no: there its addresses say nothing about IOVAs.
 */
bool pci_ext_memory_is_mapped_by_eal(uint64_t iova, uint64_t len);

/*
 * Have gone() called for each part of EAL's own memory, or of a heap, that ends, under EAL's memory
 * lock. After EAL's memory is up; again is no harm. With --legacy-mem EAL tells nothing: there its
 * own memory stays, and that of a heap may end unseen.
 */
void pci_ext_memory_watch(void (*gone)(uint64_t addr, uint64_t len));

#endif /* PCI_EXT_MEMORY_H */
