/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mp_ask: a secondary process's requests to map and unmap, which the primary process executes.
 *
 * The mapping is the primary's: a device's driver and VFIO's container are there, so it stays when
 * the secondary ends. A map is asked for only if the memory is shared, and executed only if the
 * primary has the same memory at this address. A dma-buf is shared by its descriptor, which goes
 * with the request.
 */
#ifndef PCI_EXT_MP_ASK_H
#define PCI_EXT_MP_ASK_H

#include "backend/backend.h"

/*
 * memory does not wrap, and is what the caller has given. A target with dev set has to be present
 * in the primary process. Returns what the primary returned; -ENOTSUP if it has no pci_ext of this
 * version; -EINVAL for memory that is not shared; -EBADF: a dma-buf that is not open; -ETIMEDOUT
 * without an answer within minutes, when the primary may still execute it. Logged, except for
 * results of the primary of an unmap.
 *
 * In a secondary process. May sleep; calls of several threads wait for each other, as EAL has one
 * request of a name at a time. Not under a lock of EAL, which the primary may need.
 */
int pci_ext_mp_ask_map(const struct pci_ext_target *target, const struct pci_ext_memory *memory);
int pci_ext_mp_ask_unmap(const struct pci_ext_target *target, const struct pci_ext_memory *memory);

#endif /* PCI_EXT_MP_ASK_H */
