/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * conflict: see conflict.h. Called by record, backing and dispatch.
 */
#include <errno.h>

#include "registry/conflict.h"
#include "common/memory.h"

void
pci_ext_conflict_note(struct pci_ext_conflict *conflict, bool shared,
	const struct pci_ext_range *range, uint64_t registration)
{
	conflict->found = true;
	conflict->shared = shared;
	conflict->range = *range;
	conflict->registration = registration;
}

bool
pci_ext_conflict_is_stale(const struct pci_ext_range *range, uint64_t registration)
{
	return !pci_ext_memory_is_current(range->addr, range->len, registration);
}

int
pci_ext_conflict_refuse(struct pci_ext_conflict *conflict, bool shared,
	const struct pci_ext_range *range, uint64_t registration)
{
	pci_ext_conflict_note(conflict, shared, range, registration);
	return pci_ext_conflict_is_stale(range, registration) ? PCI_EXT_STALE : -EEXIST;
}

/*
 * Two numbers may mean the same memory: EAL accepts overlapping registrations, and a lookup finds
 * one of them.
 */
bool
pci_ext_conflict_is_same_memory(
	const struct pci_ext_range *range, uint64_t made_for, uint64_t registration)
{
	return made_for == registration || !pci_ext_conflict_is_stale(range, made_for);
}
