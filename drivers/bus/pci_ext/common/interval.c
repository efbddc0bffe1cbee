/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * interval: the set as an AVL tree in which each node knows the highest end of its subtree. A
 * change goes up from its place only as far as heights or ends change, which are two nodes on
 * average.
 *
 * Called by record and shared under the table lock.
 */
#include <stdbool.h>

#include "common/interval.h"

static int
height_of(const struct pci_ext_interval *node)
{
	return node == NULL ? 0 : node->height;
}

/* Recompute a node's height and max_last from its children. Returns whether one has changed. */
static inline bool
refresh(struct pci_ext_interval *node)
{
	const struct pci_ext_interval *left = node->left, *right = node->right;
	uint64_t max_last = node->last;
	int height = 1;
	bool changed;

	if (left != NULL) {
		height = left->height + 1;
		max_last = left->max_last > max_last ? left->max_last : max_last;
	}
	if (right != NULL) {
		height = right->height >= height ? right->height + 1 : height;
		max_last = right->max_last > max_last ? right->max_last : max_last;
	}
	changed = height != node->height || max_last != node->max_last;
	node->height = height;
	node->max_last = max_last;
	return changed;
}

static int
tilt_of(const struct pci_ext_interval *node)
{
	return height_of(node->left) - height_of(node->right);
}

static void
set_left(struct pci_ext_interval *node, struct pci_ext_interval *child)
{
	node->left = child;
	if (child != NULL)
		child->up = node;
}

static void
set_right(struct pci_ext_interval *node, struct pci_ext_interval *child)
{
	node->right = child;
	if (child != NULL)
		child->up = node;
}

/* Put child, which may be NULL, in the place of old below up; up is NULL for the root. */
static void
replace(struct pci_ext_interval_set *set, struct pci_ext_interval *up,
	const struct pci_ext_interval *old, struct pci_ext_interval *child)
{
	if (up == NULL)
		set->root = child;
	else if (up->left == old)
		up->left = child;
	else
		up->right = child;
	if (child != NULL)
		child->up = up;
}

static struct pci_ext_interval *
rotate_right(struct pci_ext_interval *node)
{
	struct pci_ext_interval *top = node->left;

	set_left(node, top->right);
	set_right(top, node);
	refresh(node);
	refresh(top);
	return top;
}

static struct pci_ext_interval *
rotate_left(struct pci_ext_interval *node)
{
	struct pci_ext_interval *top = node->right;

	set_right(node, top->left);
	set_left(top, node);
	refresh(node);
	refresh(top);
	return top;
}

/*
 * Returns the new root of the subtree of node, whose children are balanced and differ by 2 in
 * height.
 */
static struct pci_ext_interval *
balance(struct pci_ext_interval *node)
{
	if (tilt_of(node) > 0) {
		if (height_of(node->left->left) < height_of(node->left->right))
			set_left(node, rotate_left(node->left));
		return rotate_right(node);
	}
	if (height_of(node->right->right) < height_of(node->right->left))
		set_right(node, rotate_right(node->right));
	return rotate_left(node);
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

bool
pci_ext_interval_is_before(const struct pci_ext_interval *a, const struct pci_ext_interval *b)
{
	return compare_members(a, b) < 0;
}

/* After a change below node, which may be NULL. */
static void
repair(struct pci_ext_interval_set *set, struct pci_ext_interval *node)
{
	struct pci_ext_interval *up, *top;
	uint64_t max_last;
	int height;

	for (; node != NULL; node = up) {
		up = node->up;
		if (tilt_of(node) >= -1 && tilt_of(node) <= 1) {
			if (!refresh(node))
				return;
			continue;
		}
		max_last = node->max_last;
		height = node->height;
		top = balance(node);
		replace(set, up, node, top);
		if (top->height == height && top->max_last == max_last)
			return;
	}
}

void
pci_ext_interval_add(struct pci_ext_interval_set *set, struct pci_ext_interval *member)
{
	struct pci_ext_interval *up = NULL, **place = &set->root;

	while (*place != NULL) {
		up = *place;
		place = compare_members(member, up) < 0 ? &up->left : &up->right;
	}
	member->left = NULL;
	member->right = NULL;
	member->up = up;
	member->height = 1;
	member->max_last = member->last;
	*place = member;
	repair(set, up);
}

/* The next one up takes the place of a member with two children. Returns where it came from. */
static struct pci_ext_interval *
take_place(struct pci_ext_interval_set *set, struct pci_ext_interval *member,
	struct pci_ext_interval *heir)
{
	struct pci_ext_interval *from = heir;

	if (heir->up != member) {
		from = heir->up;
		set_left(from, heir->right);
		set_right(heir, member->right);
	}
	set_left(heir, member->left);
	replace(set, member->up, member, heir);
	/* For repair() to compare with. */
	heir->height = member->height;
	heir->max_last = member->max_last;
	return from;
}

void
pci_ext_interval_remove(struct pci_ext_interval_set *set, struct pci_ext_interval *member)
{
	struct pci_ext_interval *heir = member->right;

	if (member->left == NULL || member->right == NULL) {
		replace(set, member->up, member,
			member->left == NULL ? member->right : member->left);
		repair(set, member->up);
		return;
	}
	while (heir->left != NULL)
		heir = heir->left;
	repair(set, take_place(set, member, heir));
	/* That may have ended below. */
	repair(set, heir);
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
