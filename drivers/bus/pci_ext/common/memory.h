/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * memory: queries EAL's memseg lists, without EAL's memory lock, since a caller in a memory event
 * callback already holds it. EAL's own check in rte_dev_dma_map() does the same.
 *
 * A registration identifies memory: a number that no other memory has had at the same address.
 * rte_extmem_register() gives each memseg list it makes a socket ID of its own, which is never
 * reused. EAL's own memory and its heaps have no such number; EAL's memory events report their end
 * (pci_ext_memory_watch()), and their registration becomes PCI_EXT_MEMORY_GONE.
 *
 * Any thread. The list of the last match is tried first, or of the last one of a registration:
 * EAL's lookup scans 128 of them.
 */
#ifndef PCI_EXT_MEMORY_H
#define PCI_EXT_MEMORY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The registration of freed memory. */
#define PCI_EXT_MEMORY_GONE UINT64_MAX

/*
 * Whether EAL knows every byte of [addr, addr + len), which does not wrap; if so, *registration is
 * set. A range over several registrations has a combined one, which ends with any of them.
 */
bool pci_ext_memory_identify(uint64_t addr, uint64_t len, uint64_t *registration);

/*
 * Whether [addr, addr + len) is still the memory of this registration. Takes no lock and does not
 * wait.
 */
bool pci_ext_memory_is_current(uint64_t addr, uint64_t len, uint64_t registration);

/* What EAL does by itself with IOVAs on VFIO. */
enum pci_ext_eal_use {
	PCI_EXT_EAL_NONE,
	PCI_EXT_EAL_RESERVED, /* it maps its pages there when it allocates them */
	PCI_EXT_EAL_MAPPED,   /* its own memory, at iova = va; or a heap's, at the heap's IOVAs */
};

/*
 * The use of [iova, iova + len), the highest of its parts. A heap that was added without IOVAs
 * (rte_malloc_heap_memory_add(), iova_addrs NULL) is not mapped by EAL: NONE. NONE in IOVA-as-PA
 * mode too, where virtual addresses do not determine IOVAs, and the kernel finds the overlap.
 */
enum pci_ext_eal_use pci_ext_memory_eal_use(uint64_t iova, uint64_t len);

/*
 * The bytes from addr on that EAL maps on VFIO by itself, in one piece, with the IOVA of the first;
 * or 0.
 */
uint64_t pci_ext_memory_eal_run(uint64_t addr, uint64_t *iova);

/* Whether this byte is EAL's own memory, or a heap's. */
bool pci_ext_memory_is_eal(uint64_t addr);

/* Write what a use means for a map that it prevents; nothing for NONE. */
void pci_ext_memory_describe_eal_use(enum pci_ext_eal_use use, FILE *out);

/* Whether EAL knows no byte of [addr, addr + len), which does not wrap. */
bool pci_ext_memory_is_unknown(uint64_t addr, uint64_t len);

/*
 * Call gone() for each part of EAL's own memory, or of a heap, that is freed; it runs under EAL's
 * memory lock. To be called after EAL's memory is initialised; repeated calls are harmless. With
 * --legacy-mem there are no memory events: EAL's own memory stays, and the end of heap memory goes
 * unnoticed.
 */
void pci_ext_memory_watch(void (*gone)(uint64_t addr, uint64_t len));

#endif /* PCI_EXT_MEMORY_H */
