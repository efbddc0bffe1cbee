/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lookup: the ranges of one device that are mapped, for readers without a lock.
 *
 * Concepts:
 * - Entries are ordered by first, in leaves of up to 64, and these in a root. Entries may overlap:
 *   VFIO maps memory at several IOVAs.
 * - A change makes a copy of the leaf that it concerns, and puts it into the place of the old one
 *   by one store; if the number of leaves changes, it makes a copy of the root. Then it counts
 *   sequence up. What it has replaced is used again by a later change, and is freed only by
 *   destroy. So a reader follows valid pointers at all times; if sequence is not what it was when
 *   the reader began, it may have read what was used again, and begins again. It never waits for a
 *   writer, and repeats only when a change has been completed meanwhile.
 *
 * Why not RCU: liburcu registers each thread that reads, under a lock, and DPDK's own has to be
 * told by each thread when it is quiescent. The readers are the application's, of any kind.
 *
 * Cost of a change: a copy of a leaf of 2.5 KiB at most, and, at one in 32 or less, of the root, 24
 * bytes for each leaf. Readers elsewhere lose one cache line by it, of the root.
 *
 * Pure: libc only. One writer at a time, which may allocate; any number of readers.
 */
#ifndef PCI_EXT_LOOKUP_H
#define PCI_EXT_LOOKUP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pci_ext_lookup_entry {
	uint64_t first; /* addresses of this process, both included */
	uint64_t last;
	uint64_t iova;	       /* of first */
	uint64_t registration; /* of the memory, memory.h */
	uint64_t to_read;      /* 1: the device may only read it; 0: or write */
};

struct pci_ext_lookup_leaf;
struct pci_ext_lookup_root;

/* All zero is an empty one. */
struct pci_ext_lookup {
	_Atomic uint64_t sequence; /* the number of changes */
	_Atomic(struct pci_ext_lookup_root *) root;
	struct pci_ext_lookup_root *next_root; /* not in use; NULL before the first change */
	struct pci_ext_lookup_leaf *spare;     /* leaves to use */
	struct pci_ext_lookup_root *outgrown;  /* roots to free */
};

/* Free everything. No reader may run. */
void pci_ext_lookup_destroy(struct pci_ext_lookup *lookup);

/*
 * Writer: add an entry with first <= last. Remove the entry that equals it in all fields.
 * 0; -ENOENT if there is none; -ENOMEM with nothing changed.
 */
int pci_ext_lookup_add(struct pci_ext_lookup *lookup, const struct pci_ext_lookup_entry *entry);
int pci_ext_lookup_remove(struct pci_ext_lookup *lookup, const struct pci_ext_lookup_entry *entry);
/* Writer: remove all entries; cannot fail. */
void pci_ext_lookup_clear(struct pci_ext_lookup *lookup);

/*
 * Writer: copy up to max of the entries that have an address in common with [first, last], in no
 * order. Returns how many there are.
 */
size_t pci_ext_lookup_copy(const struct pci_ext_lookup *lookup, uint64_t first, uint64_t last,
	struct pci_ext_lookup_entry *entries, size_t max);

/*
 * Reader: an entry that contains addr. If there is none, *entry is not changed and the result is
 * false. O(log n) where entries do not overlap.
 */
bool pci_ext_lookup_find(
	const struct pci_ext_lookup *lookup, uint64_t addr, struct pci_ext_lookup_entry *entry);

#endif /* PCI_EXT_LOOKUP_H */
