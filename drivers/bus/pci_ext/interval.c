/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * interval: the set as an AVL tree in which each node knows the highest end of its subtree.
 *
 * Called by record and shared under the table lock. Recursion is as deep as the tree is high: less
 * than 1.45 log2(n), 47 for 2^32 members.
 */
#include "interval.h"

static int
height_of(const struct pci_ext_interval *node)
{
	return node == NULL ? 0 : node->height;
}

/* Recompute a node's height and max_last from its children. */
static void
refresh(struct pci_ext_interval *node)
{
	int left = height_of(node->left);
	int right = height_of(node->right);

	node->height = (left > right ? left : right) + 1;
	node->max_last = node->last;
	if (node->left != NULL && node->left->max_last > node->max_last)
		node->max_last = node->left->max_last;
	if (node->right != NULL && node->right->max_last > node->max_last)
		node->max_last = node->right->max_last;
}

static struct pci_ext_interval *
rotate_right(struct pci_ext_interval *node)
{
	struct pci_ext_interval *top = node->left;

	node->left = top->right;
	top->right = node;
	refresh(node);
	refresh(top);
	return top;
}

static struct pci_ext_interval *
rotate_left(struct pci_ext_interval *node)
{
	struct pci_ext_interval *top = node->right;

	node->right = top->left;
	top->left = node;
	refresh(node);
	refresh(top);
	return top;
}

/* Returns the new root of the subtree of node, whose children are balanced and differ by <= 2. */
static struct pci_ext_interval *
balance(struct pci_ext_interval *node)
{
	int tilt = height_of(node->left) - height_of(node->right);

	if (tilt > 1) {
		if (height_of(node->left->left) < height_of(node->left->right))
			node->left = rotate_left(node->left);
		return rotate_right(node);
	}
	if (tilt < -1) {
		if (height_of(node->right->right) < height_of(node->right->left))
			node->right = rotate_right(node->right);
		return rotate_left(node);
	}
	refresh(node);
	return node;
}

static int
compare(uint64_t first, uint64_t last, uint64_t tie, const struct pci_ext_interval *node)
{
	if (first != node->first)
		return first < node->first ? -1 : 1;
	if (last != node->last)
		return last < node->last ? -1 : 1;
	if (tie != node->tie)
		return tie < node->tie ? -1 : 1;
	return 0;
}

static int
compare_members(const struct pci_ext_interval *a, const struct pci_ext_interval *b)
{
	return compare(a->first, a->last, a->tie, b);
}

static struct pci_ext_interval *
insert_below(struct pci_ext_interval *node, struct pci_ext_interval *member)
{
	if (node == NULL)
		return member;
	if (compare_members(member, node) < 0)
		node->left = insert_below(node->left, member);
	else
		node->right = insert_below(node->right, member);
	return balance(node);
}

/* Removes the lowest node from a subtree; returns the new root. */
static struct pci_ext_interval *
take_lowest(struct pci_ext_interval *node, struct pci_ext_interval **lowest)
{
	if (node->left == NULL) {
		*lowest = node;
		return node->right;
	}
	node->left = take_lowest(node->left, lowest);
	return balance(node);
}

static struct pci_ext_interval *
remove_below(struct pci_ext_interval *node, const struct pci_ext_interval *member)
{
	struct pci_ext_interval *heir;
	int order;

	if (node == NULL)
		return NULL;
	order = compare_members(member, node);
	if (order < 0) {
		node->left = remove_below(node->left, member);
		return balance(node);
	}
	if (order > 0) {
		node->right = remove_below(node->right, member);
		return balance(node);
	}
	if (node->right == NULL)
		return node->left;
	node->right = take_lowest(node->right, &heir);
	heir->left = node->left;
	heir->right = node->right;
	return balance(heir);
}

void
pci_ext_interval_add(struct pci_ext_interval_set *set, struct pci_ext_interval *member)
{
	member->left = NULL;
	member->right = NULL;
	refresh(member);
	set->root = insert_below(set->root, member);
}

void
pci_ext_interval_remove(struct pci_ext_interval_set *set, struct pci_ext_interval *member)
{
	set->root = remove_below(set->root, member);
}

struct pci_ext_interval *
pci_ext_interval_find(
	const struct pci_ext_interval_set *set, uint64_t first, uint64_t last, uint64_t tie)
{
	struct pci_ext_interval *node = set->root;
	int order;

	while (node != NULL) {
		order = compare(first, last, tie, node);
		if (order == 0)
			return node;
		node = order < 0 ? node->left : node->right;
	}
	return NULL;
}

struct pci_ext_interval *
pci_ext_interval_find_overlap(const struct pci_ext_interval_set *set, uint64_t first, uint64_t last)
{
	struct pci_ext_interval *node = set->root;

	while (node != NULL) {
		/*
		 * If something on the left ends at or after first, then either it overlaps, or it
		 * starts after last, and with it all of this node and what is right of it.
		 */
		if (node->left != NULL && node->left->max_last >= first)
			node = node->left;
		else if (node->first > last)
			return NULL;
		else if (node->last >= first)
			return node;
		else
			node = node->right;
	}
	return NULL;
}

struct pci_ext_interval *
pci_ext_interval_first(const struct pci_ext_interval_set *set)
{
	struct pci_ext_interval *node = set->root;

	while (node != NULL && node->left != NULL)
		node = node->left;
	return node;
}

struct pci_ext_interval *
pci_ext_interval_next(const struct pci_ext_interval_set *set, const struct pci_ext_interval *member)
{
	struct pci_ext_interval *node = set->root;
	struct pci_ext_interval *above = NULL;

	while (node != NULL) {
		if (compare_members(member, node) < 0) {
			above = node;
			node = node->left;
		} else {
			node = node->right;
		}
	}
	return above;
}
