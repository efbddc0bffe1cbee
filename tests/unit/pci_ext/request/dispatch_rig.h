/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dispatch_rig: fakes of what dispatch.c calls, of the plugin and of EAL: a registry, two backends,
 * and the way to the primary process. EAL knows the memory from 0x100000 to 0x200000.
 */
#ifndef DISPATCH_RIG_H
#define DISPATCH_RIG_H

#include <rte_eal.h>

#include "request/dispatch.h"

#define PAGE UINT64_C(4096)

extern enum rte_iova_mode fake_iova_mode;
extern enum rte_proc_type_t fake_process;
extern uint64_t fake_granule; /* of the backends */

/* What the registry was asked for, and its result. */
extern struct pci_ext_range seen;
extern const struct pci_ext_backend *seen_backend;
extern uint64_t seen_offset; /* in the dma-buf */
extern int calls_of_map, calls_of_map_dmabuf, calls_of_unmap, fake_result;
extern const struct pci_ext_backend *fake_called; /* what a check is told */
extern bool checked_dmabuf;

/* What the primary process was asked for. */
extern struct pci_ext_memory asked_memory;
extern int asked;

/* Of fake_driver. */
extern int fake_check;
extern struct pci_ext_range checked;

extern const struct pci_ext_backend fake_driver, fake_vfio;
extern const struct pci_ext_target with_callbacks;

/* Memory of the process, and calls with it. */
struct pci_ext_memory at(uint64_t addr, uint64_t iova, uint64_t len);
int map(const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len);
int unmap(const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len);

int reset(void **state);

#endif /* DISPATCH_RIG_H */
