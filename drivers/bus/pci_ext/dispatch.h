/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dispatch: one request to map or unmap, from what the caller said to what a backend does.
 */
#ifndef PCI_EXT_DISPATCH_H
#define PCI_EXT_DISPATCH_H

#include "backend.h"

/*
 * Which backends there are, in order of preference; ends with NULL and stays the caller's. Once,
 * before any other call here.
 */
void pci_ext_dispatch_init(const struct pci_ext_backend *const *backends);

/*
 * The backend that serves a target. Pure.
 * Returns 0, -EINVAL when a driver has yet to claim the device, -ENOTSUP when nothing serves it.
 */
int pci_ext_dispatch_route(
	const struct pci_ext_target *target, const struct pci_ext_backend **backend);

/*
 * The range a caller means by (addr, iova, len), with the rule for an iova that is not given.
 * Pure. Returns 0, or -EINVAL when it is empty or wraps.
 */
int pci_ext_dispatch_range(
	uint64_t addr, uint64_t iova, uint64_t len, bool iova_is_va, struct pci_ext_range *range);

/*
 * The transactions. A target with dev NULL is named only, and need not be there. Any thread; may
 * sleep. 0 or a negative errno as pci_ext.h tells, logged when refused. rte_errno is left to the
 * caller.
 */
int pci_ext_dispatch_map(
	const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len);
int pci_ext_dispatch_unmap(
	const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len);

/*
 * How many calls had this result: 0 for success, or a positive errno. Those with an errno that has
 * no name on Linux are counted as PCI_EXT_DISPATCH_ERRORS - 1.
 */
#define PCI_EXT_DISPATCH_ERRORS 135
uint64_t pci_ext_dispatch_results(int error);

#endif /* PCI_EXT_DISPATCH_H */
