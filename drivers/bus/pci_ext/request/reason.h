/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * reason: why a map or an unmap was refused, for the one log line of a refusal.
 *
 * Any thread, without locks: reading what the kernel knows may take milliseconds.
 */
#ifndef PCI_EXT_REASON_H
#define PCI_EXT_REASON_H

#include <stdbool.h>

#include "registry/conflict.h"

/* Bytes, with the terminating zero. A longer reason is cut. */
#define PCI_EXT_REASON_SIZE 1024

/* The arguments of a request, as every line shows them. */
#define PCI_EXT_RANGE_FMT     "addr 0x%" PRIx64 " iova 0x%" PRIx64 " len 0x%" PRIx64
#define PCI_EXT_RANGE_ARGS(r) (r)->addr, (r)->iova, (r)->len

/*
 * Write the name of the error, and what is known beyond it: the mapping in the way; or the limit,
 * the memory or the IOVAs that the backend refused. is_map: of a map, not an unmap.
 */
void pci_ext_reason_write(const struct pci_ext_range *range, bool is_map,
	const struct pci_ext_conflict *conflict, int ret, char buf[PCI_EXT_REASON_SIZE]);

#endif /* PCI_EXT_REASON_H */
