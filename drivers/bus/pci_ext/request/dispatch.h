/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dispatch: one request to map or unmap, from its arguments to the call of a backend.
 */
#ifndef PCI_EXT_DISPATCH_H
#define PCI_EXT_DISPATCH_H

#include "backend/backend.h"

/*
 * Set the backends, in order of preference, terminated by NULL; the array stays the caller's and
 * must outlive all other calls. Once, before any other call here.
 */
void pci_ext_dispatch_init(const struct pci_ext_backend *const *backends);

/*
 * The backend that serves a target. Pure.
 * Returns 0; -EINVAL if the device is on vfio-pci without a driver; -ENOTSUP if nothing serves it.
 */
int pci_ext_dispatch_route(
	const struct pci_ext_target *target, const struct pci_ext_backend **backend);

/*
 * The range of memory, with an iova of 0 or RTE_BAD_IOVA replaced by addr if EAL's mode is VA.
 * Returns 0, or -EINVAL if it is empty or wraps, or has no such access, which is logged for who.
 */
int pci_ext_dispatch_range(
	const char *who, const struct pci_ext_memory *memory, struct pci_ext_range *range);

/*
 * The dma-buf of memory, or NULL if it is none, which the caller destroys. Returns 0, or an error
 * of pci_ext.h, which is logged for who.
 */
int pci_ext_dispatch_open(
	const char *who, const struct pci_ext_memory *memory, struct pci_ext_dmabuf **dmabuf);

/*
 * The transactions. A target with dev NULL is given by name, and need not be present. memory is as
 * the caller has given it; unmap looks at its addr, iova and len alone. Any thread; may sleep. 0 or
 * a negative errno of pci_ext.h, which is logged. rte_errno is set by the caller.
 */
int pci_ext_dispatch_map(const struct pci_ext_target *target, const struct pci_ext_memory *memory);
int pci_ext_dispatch_unmap(
	const struct pci_ext_target *target, const struct pci_ext_memory *memory);

/*
 * What map by name would return, as far as that can be known without it; a refusal is logged at
 * level INFO. -ENOTSUP in a secondary process. As above.
 */
int pci_ext_dispatch_check(
	const struct pci_ext_target *target, const struct pci_ext_memory *memory);

/*
 * How many calls had this result: 0 for success, or a positive errno. Values beyond the errno range
 * of Linux are counted as PCI_EXT_DISPATCH_ERRORS - 1.
 */
#define PCI_EXT_DISPATCH_ERRORS 256 /* the highest errno of Linux 7.2 is EFTYPE, 134 */
uint64_t pci_ext_dispatch_results(int error);

#endif /* PCI_EXT_DISPATCH_H */
