/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * conflict: what stands in the way of a call, and whether it may stay there: a mapping is stale
 * when the memory that it was made for has gone, since EAL does not know it any more, or knows
 * other memory at this address.
 *
 * Any thread, no lock.
 */
#ifndef PCI_EXT_CONFLICT_H
#define PCI_EXT_CONFLICT_H

#include "range.h"

/* Copied for a log line. */
struct pci_ext_conflict {
	bool found;
	bool shared; /* a mapping of the shared address space, whoever holds it */
	struct pci_ext_range range;
	uint64_t registration; /* that it was made for, memory.h */
	/* What was put out of the way, because it was stale: how many, and the last one. */
	unsigned int ended;
	struct pci_ext_range last_ended;
};

/* A mapping that is stale is in the way; *conflict tells which. Nothing has been done. */
#define PCI_EXT_STALE 2 /* no errno, and not PCI_EXT_AGAIN */

void pci_ext_conflict_note(struct pci_ext_conflict *conflict, bool shared,
	const struct pci_ext_range *range, uint64_t registration);

/* The same for what would overlap. Returns -EEXIST, or PCI_EXT_STALE. */
int pci_ext_conflict_refuse(struct pci_ext_conflict *conflict, bool shared,
	const struct pci_ext_range *range, uint64_t registration);

bool pci_ext_conflict_is_stale(const struct pci_ext_range *range, uint64_t registration);

/* Whether a range that was made for one registration is the same memory under another. */
bool pci_ext_conflict_is_same_memory(
	const struct pci_ext_range *range, uint64_t made_for, uint64_t registration);

#endif /* PCI_EXT_CONFLICT_H */
