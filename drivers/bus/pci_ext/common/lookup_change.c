/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lookup: see lookup.h. What changes it, called by published under its lock.
 */
#include <errno.h>
#include <stdlib.h>

#include "common/lookup_layout.h"

#define GET PCI_EXT_LOOKUP_GET
#define SET PCI_EXT_LOOKUP_SET

#define ROOT_SIZE 16 /* the first one, in leaves */

static uint64_t
max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Make next_root one of at least this many leaves. */
static int
prepare_root(struct pci_ext_lookup *lookup, uint32_t leaves)
{
	struct pci_ext_lookup_root *root = lookup->next_root;
	const uint32_t size = leaves <= ROOT_SIZE ? ROOT_SIZE : 2 * leaves;

	if (root != NULL && root->size >= leaves)
		return 0;
	root = calloc(1, sizeof(*root) + size * sizeof(root->slots[0]));
	if (root == NULL)
		return -ENOMEM;
	root->size = size;
	if (lookup->next_root != NULL) {
		lookup->next_root->next = lookup->outgrown;
		lookup->outgrown = lookup->next_root;
	}
	lookup->next_root = root;
	return 0;
}

static void
spare_leaf(struct pci_ext_lookup *lookup, struct pci_ext_lookup_leaf *leaf)
{
	leaf->next = lookup->spare;
	lookup->spare = leaf;
}

static struct pci_ext_lookup_leaf *
take_leaf(struct pci_ext_lookup *lookup)
{
	struct pci_ext_lookup_leaf *leaf = lookup->spare;

	lookup->spare = leaf->next;
	SET(leaf->n, 0);
	return leaf;
}

/* A change needs two leaves at most. */
static int
fill_spare(struct pci_ext_lookup *lookup)
{
	struct pci_ext_lookup_leaf *leaf;

	while (lookup->spare == NULL || lookup->spare->next == NULL) {
		leaf = calloc(1, sizeof(*leaf));
		if (leaf == NULL)
			return -ENOMEM;
		spare_leaf(lookup, leaf);
	}
	return 0;
}

static void
append(struct pci_ext_lookup_leaf *leaf, const struct pci_ext_lookup_entry *entry)
{
	const uint32_t n = GET(leaf->n);
	struct pci_ext_lookup_cell *cell = &leaf->cells[n];

	SET(cell->first, entry->first);
	SET(cell->last, entry->last);
	SET(cell->iova, entry->iova);
	SET(cell->registration, entry->registration);
	SET(leaf->to_read, (GET(leaf->to_read) & ~(UINT64_C(1) << n)) | entry->to_read << n);
	SET(cell->reach, n == 0 ? entry->last : max(entry->last, GET(leaf->cells[n - 1].reach)));
	SET(leaf->n, n + 1);
}

static void
append_cells(struct pci_ext_lookup_leaf *leaf, const struct pci_ext_lookup_leaf *from,
	uint32_t begin, uint32_t end)
{
	struct pci_ext_lookup_entry entry;
	uint32_t i;

	for (i = begin; i < end; i++) {
		pci_ext_lookup_read_cell(from, i, &entry);
		append(leaf, &entry);
	}
}

static uint64_t
reach_of(const struct pci_ext_lookup_leaf *leaf)
{
	return GET(leaf->cells[GET(leaf->n) - 1].reach);
}

static void
append_leaf(struct pci_ext_lookup_root *root, struct pci_ext_lookup_leaf *leaf)
{
	const uint32_t n = GET(root->n);
	const uint64_t reach = n == 0 ? 0 : GET(root->slots[n - 1].reach);
	struct pci_ext_lookup_slot *slot = &root->slots[n];

	SET(slot->leaf, leaf);
	SET(slot->first, GET(leaf->cells[0].first));
	SET(slot->reach, max(reach, reach_of(leaf)));
	SET(root->n, n + 1);
}

static void
append_leaves(struct pci_ext_lookup_root *root, const struct pci_ext_lookup_root *from,
	uint32_t begin, uint32_t end)
{
	uint32_t i;

	for (i = begin; i < end; i++)
		append_leaf(root, GET(from->slots[i].leaf));
}

/* From leaf number at on, as far as it changes. */
static void
update_reach(struct pci_ext_lookup_root *root, uint32_t at)
{
	const uint32_t n = GET(root->n);
	uint64_t reach = at == 0 ? 0 : GET(root->slots[at - 1].reach);

	for (; at < n; at++) {
		reach = max(reach, reach_of(GET(root->slots[at].leaf)));
		if (GET(root->slots[at].reach) == reach)
			return;
		SET(root->slots[at].reach, reach);
	}
}

/* The change is done. */
static void
publish(struct pci_ext_lookup *lookup)
{
	SET(lookup->sequence, GET(lookup->sequence) + 1);
}

/*
 * Leaf number at of the root is replaced by one that is not empty. A reader finds the one or the
 * other, and what both have in each.
 */
static void
replace_leaf(struct pci_ext_lookup *lookup, uint32_t at, struct pci_ext_lookup_leaf *by)
{
	struct pci_ext_lookup_root *root = GET(lookup->root);
	struct pci_ext_lookup_slot *slot = &root->slots[at];
	struct pci_ext_lookup_leaf *replaced = GET(slot->leaf);

	SET(slot->leaf, by);
	if (GET(by->cells[0].first) < GET(root->slots[at].first)) /* of the first leaf only */
		SET(root->slots[at].first, GET(by->cells[0].first));
	update_reach(root, at);
	spare_leaf(lookup, replaced);
	publish(lookup);
}

/* Leaf number at, if there is such a number, is replaced by n others: next_root has the room. */
static void
replace_root(
	struct pci_ext_lookup *lookup, uint32_t at, struct pci_ext_lookup_leaf *const by[], int n)
{
	struct pci_ext_lookup_root *root = lookup->next_root, *old = GET(lookup->root);
	const uint32_t leaves = old == NULL ? 0 : GET(old->n);
	int i;

	SET(root->n, 0);
	append_leaves(root, old, 0, at);
	for (i = 0; i < n; i++)
		append_leaf(root, by[i]);
	append_leaves(root, old, at + 1, leaves);
	if (at < leaves)
		spare_leaf(lookup, GET(old->slots[at].leaf));
	SET(lookup->root, root);
	lookup->next_root = old;
	publish(lookup);
}

/* A full leaf is divided into two. */
static void
copy_with(struct pci_ext_lookup_leaf *const to[2], const struct pci_ext_lookup_leaf *from,
	const struct pci_ext_lookup_entry *entry)
{
	const uint32_t n = GET(from->n), at = pci_ext_lookup_count_cells(from, entry->first);
	struct pci_ext_lookup_leaf *leaf = to[0];
	uint32_t i;

	for (i = 0; i <= n; i++) {
		if (n == PCI_EXT_LOOKUP_LEAF_SIZE && i == PCI_EXT_LOOKUP_LEAF_SIZE / 2)
			leaf = to[1];
		if (i == at)
			append(leaf, entry);
		else
			append_cells(leaf, from, i - (i > at), i - (i > at) + 1);
	}
}

/* To the leaf where it belongs, which is copied. */
static int
add_to_leaf(struct pci_ext_lookup *lookup, const struct pci_ext_lookup_entry *entry)
{
	const struct pci_ext_lookup_root *root = GET(lookup->root);
	uint32_t at = pci_ext_lookup_count_leaves(root, entry->first);
	const struct pci_ext_lookup_leaf *leaf;
	struct pci_ext_lookup_leaf *by[2];

	at -= at != 0;
	leaf = GET(root->slots[at].leaf);
	if (GET(leaf->n) == PCI_EXT_LOOKUP_LEAF_SIZE && prepare_root(lookup, GET(root->n) + 1) != 0)
		return -ENOMEM;
	by[0] = take_leaf(lookup);
	by[1] = GET(leaf->n) == PCI_EXT_LOOKUP_LEAF_SIZE ? take_leaf(lookup) : NULL;
	copy_with(by, leaf, entry);
	if (by[1] == NULL)
		replace_leaf(lookup, at, by[0]);
	else
		replace_root(lookup, at, by, 2);
	return 0;
}

static int
add_first(struct pci_ext_lookup *lookup, const struct pci_ext_lookup_entry *entry)
{
	struct pci_ext_lookup_leaf *leaf;

	if (prepare_root(lookup, 1) != 0)
		return -ENOMEM;
	leaf = take_leaf(lookup);
	append(leaf, entry);
	replace_root(lookup, 0, &leaf, 1);
	return 0;
}

int
pci_ext_lookup_add(struct pci_ext_lookup *lookup, const struct pci_ext_lookup_entry *entry)
{
	const struct pci_ext_lookup_root *root = GET(lookup->root);

	if (fill_spare(lookup) != 0)
		return -ENOMEM;
	return root == NULL || GET(root->n) == 0 ? add_first(lookup, entry)
						 : add_to_leaf(lookup, entry);
}

static bool
is_equal(const struct pci_ext_lookup_entry *a, const struct pci_ext_lookup_entry *b)
{
	return a->first == b->first && a->last == b->last && a->iova == b->iova &&
	       a->registration == b->registration && a->to_read == b->to_read;
}

/* The cell of an entry in a leaf, or -1. */
static int
find_cell(const struct pci_ext_lookup_leaf *leaf, const struct pci_ext_lookup_entry *entry)
{
	struct pci_ext_lookup_entry at;
	uint32_t i = pci_ext_lookup_count_cells(leaf, entry->first);

	while (i-- != 0) {
		pci_ext_lookup_read_cell(leaf, i, &at);
		if (is_equal(&at, entry))
			return i;
		if (at.first != entry->first)
			break;
	}
	return -1;
}

/* The cell of an entry, and the number of its leaf; or -1. */
static int
find_place(const struct pci_ext_lookup_root *root, const struct pci_ext_lookup_entry *entry,
	uint32_t *at)
{
	uint32_t i = root == NULL ? 0 : pci_ext_lookup_count_leaves(root, entry->first);
	int cell = -1;

	/* Entries of the same first may go on in the leaf before. */
	while (i-- != 0 && cell < 0) {
		*at = i;
		cell = find_cell(GET(root->slots[i].leaf), entry);
		if (GET(root->slots[i].first) != entry->first)
			break;
	}
	return cell;
}

int
pci_ext_lookup_remove(struct pci_ext_lookup *lookup, const struct pci_ext_lookup_entry *entry)
{
	const struct pci_ext_lookup_root *root = GET(lookup->root);
	const struct pci_ext_lookup_leaf *leaf;
	struct pci_ext_lookup_leaf *by;
	uint32_t at;
	int cell = find_place(root, entry, &at);

	if (cell < 0)
		return -ENOENT;
	leaf = GET(root->slots[at].leaf);
	if (GET(leaf->n) == 1) {
		if (prepare_root(lookup, GET(root->n)) != 0)
			return -ENOMEM;
		replace_root(lookup, at, NULL, 0);
		return 0;
	}
	if (fill_spare(lookup) != 0)
		return -ENOMEM;
	by = take_leaf(lookup);
	append_cells(by, leaf, 0, cell);
	append_cells(by, leaf, cell + 1, GET(leaf->n));
	replace_leaf(lookup, at, by);
	return 0;
}

void
pci_ext_lookup_clear(struct pci_ext_lookup *lookup)
{
	struct pci_ext_lookup_root *root = GET(lookup->root);
	const uint32_t n = root == NULL ? 0 : GET(root->n);
	uint32_t i;

	if (n == 0)
		return;
	SET(root->n, 0);
	for (i = 0; i < n; i++)
		spare_leaf(lookup, GET(root->slots[i].leaf));
	publish(lookup);
}

void
pci_ext_lookup_destroy(struct pci_ext_lookup *lookup)
{
	struct pci_ext_lookup_root *root;
	struct pci_ext_lookup_leaf *leaf;

	pci_ext_lookup_clear(lookup);
	while ((leaf = lookup->spare) != NULL) {
		lookup->spare = leaf->next;
		free(leaf);
	}
	while ((root = lookup->outgrown) != NULL) {
		lookup->outgrown = root->next;
		free(root);
	}
	free(GET(lookup->root));
	free(lookup->next_root);
	*lookup = (struct pci_ext_lookup){0};
}
