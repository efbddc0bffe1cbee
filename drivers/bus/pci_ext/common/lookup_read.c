/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lookup: see lookup.h. What reads, called by query without a lock, and by published under its own.
 */
#include "common/lookup_layout.h"

#define GET PCI_EXT_LOOKUP_GET

static bool
find_in_leaf(
	const struct pci_ext_lookup_leaf *leaf, uint64_t addr, struct pci_ext_lookup_entry *entry)
{
	uint32_t i = pci_ext_lookup_count_cells(leaf, addr);

	while (i-- != 0 && GET(leaf->cells[i].reach) >= addr) {
		if (GET(leaf->cells[i].last) >= addr) {
			pci_ext_lookup_read_cell(leaf, i, entry);
			return true;
		}
	}
	return false;
}

/* A leaf is NULL only where the slot was never used: the version has changed. */
static bool
find_in_root(
	const struct pci_ext_lookup_root *root, uint64_t addr, struct pci_ext_lookup_entry *entry)
{
	const struct pci_ext_lookup_leaf *leaf;
	uint32_t i = pci_ext_lookup_count_leaves(root, addr);

	while (i-- != 0 && GET(root->slots[i].reach) >= addr) {
		leaf = GET(root->slots[i].leaf);
		if (leaf != NULL && find_in_leaf(leaf, addr, entry))
			return true;
	}
	return false;
}

bool
pci_ext_lookup_find(
	const struct pci_ext_lookup *lookup, uint64_t addr, struct pci_ext_lookup_entry *entry)
{
	const struct pci_ext_lookup_root *root;
	struct pci_ext_lookup_entry read;
	uint64_t sequence;
	bool found;

	do {
		sequence = GET(lookup->sequence);
		root = GET(lookup->root);
		found = root != NULL && find_in_root(root, addr, &read);
	} while (GET(lookup->sequence) != sequence);
	if (found)
		*entry = read;
	return found;
}

static size_t
copy_leaf(const struct pci_ext_lookup_leaf *leaf, uint64_t first, uint64_t last,
	struct pci_ext_lookup_entry *entries, size_t max)
{
	uint32_t i = pci_ext_lookup_count_cells(leaf, last);
	size_t n = 0;

	while (i-- != 0 && GET(leaf->cells[i].reach) >= first) {
		if (GET(leaf->cells[i].last) < first)
			continue;
		if (n < max)
			pci_ext_lookup_read_cell(leaf, i, &entries[n]);
		n++;
	}
	return n;
}

size_t
pci_ext_lookup_copy(const struct pci_ext_lookup *lookup, uint64_t first, uint64_t last,
	struct pci_ext_lookup_entry *entries, size_t max)
{
	const struct pci_ext_lookup_root *root = GET(lookup->root);
	uint32_t i = root == NULL ? 0 : pci_ext_lookup_count_leaves(root, last);
	size_t n = 0;

	while (i-- != 0 && GET(root->slots[i].reach) >= first)
		n += copy_leaf(GET(root->slots[i].leaf), first, last, n < max ? &entries[n] : NULL,
			n < max ? max - n : 0);
	return n;
}
