/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The memory of lookup.h, for lookup_read.c and lookup_change.c, which writes.
 *
 * Memory order: what a reader loads, it loads with acquire before it looks at sequence again; what
 * the writer stores into memory that a reader of an earlier version may still read, it stores with
 * release after the change of sequence that ended that version. So who reads a new value there also
 * reads the new sequence.
 */
#ifndef PCI_EXT_LOOKUP_LAYOUT_H
#define PCI_EXT_LOOKUP_LAYOUT_H

#include <assert.h>

#include "common/lookup.h"

#define PCI_EXT_LOOKUP_LEAF_SIZE 64

struct pci_ext_lookup_cell {
	_Atomic uint64_t first;
	_Atomic uint64_t last;
	_Atomic uint64_t reach; /* the highest last of the leaf up to this cell */
	_Atomic uint64_t iova;
	_Atomic uint64_t registration;
};

struct pci_ext_lookup_leaf {
	struct pci_ext_lookup_leaf *next; /* while spare */
	_Atomic uint32_t n;
	_Atomic uint64_t to_read; /* a bit for each cell, so that these stay small */
	struct pci_ext_lookup_cell cells[PCI_EXT_LOOKUP_LEAF_SIZE];
};

static_assert(PCI_EXT_LOOKUP_LEAF_SIZE <= 64, "to_read has a bit for each cell");

struct pci_ext_lookup_slot {
	_Atomic(struct pci_ext_lookup_leaf *) leaf;
	_Atomic uint64_t first; /* of the leaf, or lower; above all that are before it */
	_Atomic uint64_t reach; /* the highest last up to this leaf, included */
};

struct pci_ext_lookup_root {
	struct pci_ext_lookup_root *next; /* while outgrown */
	uint32_t size;
	_Atomic uint32_t n;
	struct pci_ext_lookup_slot slots[];
};

#define PCI_EXT_LOOKUP_GET(field) atomic_load_explicit(&(field), memory_order_acquire)
#define PCI_EXT_LOOKUP_SET(field, value)                                                           \
	atomic_store_explicit(&(field), value, memory_order_release)

/*
 * How many cells of a leaf, and leaves of a root, begin at or below addr. The number that is
 * searched is in the cell: in an array of its own it costs half as much again, since what is found
 * is then in another cache line.
 */
static inline uint32_t
pci_ext_lookup_count_cells(const struct pci_ext_lookup_leaf *leaf, uint64_t addr)
{
	uint32_t low = 0, high = PCI_EXT_LOOKUP_GET(leaf->n), middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (PCI_EXT_LOOKUP_GET(leaf->cells[middle].first) <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static inline uint32_t
pci_ext_lookup_count_leaves(const struct pci_ext_lookup_root *root, uint64_t addr)
{
	uint32_t low = 0, high = PCI_EXT_LOOKUP_GET(root->n), middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (PCI_EXT_LOOKUP_GET(root->slots[middle].first) <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static inline void
pci_ext_lookup_read_cell(
	const struct pci_ext_lookup_leaf *leaf, uint32_t i, struct pci_ext_lookup_entry *entry)
{
	const struct pci_ext_lookup_cell *cell = &leaf->cells[i];

	entry->first = PCI_EXT_LOOKUP_GET(cell->first);
	entry->last = PCI_EXT_LOOKUP_GET(cell->last);
	entry->iova = PCI_EXT_LOOKUP_GET(cell->iova);
	entry->registration = PCI_EXT_LOOKUP_GET(cell->registration);
	entry->to_read = PCI_EXT_LOOKUP_GET(leaf->to_read) >> i & 1;
}

#endif /* PCI_EXT_LOOKUP_LAYOUT_H */
