/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * backing: how a record comes to a backend, and away from it. Between PENDING and ACTIVE it is
 * BUSY.
 *
 * A change has two parts. The plan looks whether it can be made now, and changes nothing; when it
 * says 0, what it has found is so until the table lock is left. What follows at once, up to the
 * backend's answer and what comes of it, is the second part.
 *
 * Called by record alone, under the table lock, which is left while a backend is called.
 */
#ifndef PCI_EXT_BACKING_H
#define PCI_EXT_BACKING_H

#include "conflict.h"
#include "table.h"

/* Wait for the call that a BUSY record is in: AGAIN, or -EDEADLK. */
int pci_ext_backing_wait(struct pci_ext_device_entry *entry, const struct pci_ext_record *record);

/*
 * Whether the backend of a PRESENT device can map the range now: 0, with the shared mapping to join
 * if there is one; or AGAIN, or STALE; or what is against it.
 */
int pci_ext_backing_plan(struct pci_ext_device_entry *entry, const struct pci_ext_range *range,
	uint64_t registration, struct pci_ext_shared **joined, struct pci_ext_conflict *conflict);
/* Carry it out for a PENDING record: ACTIVE then, or an error and PENDING as before. */
int pci_ext_backing_make(struct pci_ext_device_entry *entry, struct pci_ext_record *record,
	struct pci_ext_shared *joined, struct pci_ext_prealloc *prealloc);

/* What the word of a backend is worth that does not unmap. */
enum pci_ext_manner {
	PCI_EXT_ASK,
	PCI_EXT_UNLESS_BUSY, /* only -EBUSY counts */
	PCI_EXT_FORCE,
};

/* Whether an ACTIVE record can be ended now: 0, AGAIN or -EDEADLK. */
int pci_ext_backing_plan_end(
	struct pci_ext_device_entry *entry, const struct pci_ext_record *record);
/*
 * Carry it out: PENDING then, since nobody knows when, or an error and ACTIVE as before. *result:
 * what the backend said.
 */
int pci_ext_backing_end(struct pci_ext_device_entry *entry, struct pci_ext_record *record,
	enum pci_ext_manner manner, struct pci_ext_prealloc *prealloc, int *result);

/*
 * A PENDING record that suspend could not end, of a device that has stayed after all, is ACTIVE
 * again: its backend has it still, and is not called. False when it is none.
 */
bool pci_ext_backing_resume(struct pci_ext_device_entry *entry, struct pci_ext_record *record);

/*
 * End a mapping of the shared space for all its holders, unless the backend says EBUSY. They stay
 * ACTIVE, and are ended without the backend. 0, AGAIN before anything is done, -EBUSY, -EDEADLK.
 */
int pci_ext_backing_end_shared(struct pci_ext_device_entry *entry, struct pci_ext_shared *mapping,
	const struct pci_ext_backend *backend);

#endif /* PCI_EXT_BACKING_H */
