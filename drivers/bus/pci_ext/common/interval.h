/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * interval: a set of closed intervals [first, last] of 64-bit numbers, which may overlap.
 *
 * Concepts:
 * - The set is intrusive: a member is embedded in its owner's structure, which must stay allocated
 *   and unchanged while it is in the set. Nothing is allocated.
 * - Members are ordered by (first, last, tie), which is unique. The tie is chosen by the owner to
 *   distinguish intervals with the same ends.
 * - An interval includes its last number, so that it can end at the end of the address space.
 * - Every operation costs O(log n).
 *
 * Pure: libc only. No lock: the owner of a set serialises access.
 */
#ifndef PCI_EXT_INTERVAL_H
#define PCI_EXT_INTERVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pci_ext_interval {
	uint64_t first;
	uint64_t last;
	uint64_t tie;
	/* Private to the set. */
	uint64_t max_last; /* the highest last in this subtree */
	struct pci_ext_interval *left;
	struct pci_ext_interval *right;
	struct pci_ext_interval *up;
	int height;
};

/* All zero is the empty set. */
struct pci_ext_interval_set {
	struct pci_ext_interval *root;
};

/* The structure that a member is embedded in. */
#define PCI_EXT_CONTAINER(member_ptr, type, member)                                                \
	((type *)(void *)((char *)(member_ptr)-offsetof(type, member)))

/* Add a member with first <= last, none equal to it in the set. */
void pci_ext_interval_add(struct pci_ext_interval_set *set, struct pci_ext_interval *member);

/* Remove a member of the set; it may be freed then. */
void pci_ext_interval_remove(struct pci_ext_interval_set *set, struct pci_ext_interval *member);

/* Whether a is before b in the order of the set, in which they need not be. */
bool pci_ext_interval_is_before(const struct pci_ext_interval *a, const struct pci_ext_interval *b);

/* The member with exactly this key, or NULL. */
struct pci_ext_interval *pci_ext_interval_find(
	const struct pci_ext_interval_set *set, uint64_t first, uint64_t last, uint64_t tie);

/* The lowest member that has a number in common with [first, last], or NULL. */
struct pci_ext_interval *pci_ext_interval_find_overlap(
	const struct pci_ext_interval_set *set, uint64_t first, uint64_t last);

/* The lowest member, or NULL; the next one up after a member, or NULL. */
struct pci_ext_interval *pci_ext_interval_first(const struct pci_ext_interval_set *set);
struct pci_ext_interval *pci_ext_interval_next(
	const struct pci_ext_interval_set *set, const struct pci_ext_interval *member);

/* The set must not change in the loop. */
#define PCI_EXT_INTERVAL_FOREACH(member, set)                                                      \
	for ((member) = pci_ext_interval_first(set); (member) != NULL;                             \
		(member) = pci_ext_interval_next(set, member))

#endif /* PCI_EXT_INTERVAL_H */
