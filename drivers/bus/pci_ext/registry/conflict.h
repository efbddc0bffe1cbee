/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * conflict: what prevents a call: a mapping, and whether it is stale, or a backend's refusal. A
 * mapping is stale when EAL no longer knows the memory it was made for, or other memory is
 * registered at its address.
 *
 * Any thread, no lock.
 */
#ifndef PCI_EXT_CONFLICT_H
#define PCI_EXT_CONFLICT_H

#include "common/range.h"

struct pci_ext_backend;

/* Copied for a log line. */
struct pci_ext_conflict {
	bool found;
	bool shared; /* a mapping of the shared address space, of any holder */
	struct pci_ext_range range;
	uint64_t registration; /* of its memory, memory.h */
	/* The backend whose map or unmap refused, or NULL; and whether its driver has logged why.
	 */
	const struct pci_ext_backend *refused_by;
	bool is_logged;
	bool of_dmabuf; /* it was to map one */
	/* The backend of a device that maps no dma-bufs, or for reading and writing only; or NULL.
	 */
	const struct pci_ext_backend *unable;
	bool was_gone;	  /* the mapping had been ended by something else, and was made again */
	uint64_t granule; /* the range is not aligned to this many bytes; 0: it is */
	/* Stale mappings that were ended: how many, and the last one. */
	unsigned int ended;
	struct pci_ext_range last_ended;
};

/* A stale mapping, in *conflict, prevents the call. Nothing has been changed. */
#define PCI_EXT_STALE 2 /* no errno, and not PCI_EXT_AGAIN */

/* Fill in *conflict, but for the stale mappings that were ended. */
void pci_ext_conflict_note(struct pci_ext_conflict *conflict, bool shared,
	const struct pci_ext_range *range, uint64_t registration);

/* The same for an overlap. Returns -EEXIST, or PCI_EXT_STALE. */
int pci_ext_conflict_refuse(struct pci_ext_conflict *conflict, bool shared,
	const struct pci_ext_range *range, uint64_t registration);

bool pci_ext_conflict_is_stale(const struct pci_ext_range *range, uint64_t registration);

/* Whether a range made for one registration is the same memory under another. */
bool pci_ext_conflict_is_same_memory(
	const struct pci_ext_range *range, uint64_t made_for, uint64_t registration);

#endif /* PCI_EXT_CONFLICT_H */
