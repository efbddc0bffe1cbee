/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * query: whether a range is mapped for a device, for pci_ext_query() and telemetry.
 */
#ifndef PCI_EXT_QUERY_H
#define PCI_EXT_QUERY_H

#include "pci_ext.h"
#include "query/published.h"

/*
 * The answer for [addr, addr + len), which is not empty and does not wrap. 0, or -ENOMEM. Takes no
 * lock.
 */
int pci_ext_query_range(const struct pci_ext_published *device, uint64_t addr, uint64_t len,
	struct pci_ext_answer *answer);

#endif /* PCI_EXT_QUERY_H */
