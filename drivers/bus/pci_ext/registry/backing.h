/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * backing: maps and unmaps records by a backend. Between PENDING and ACTIVE a record is BUSY.
 *
 * A change has two steps. The plan checks whether it is possible now, and changes nothing; its
 * result 0 is valid until the table lock is released. The second step, which must follow at once,
 * calls the backend and applies its result.
 *
 * Called by record alone, under the table lock, which is released while a backend is called.
 */
#ifndef PCI_EXT_BACKING_H
#define PCI_EXT_BACKING_H

#include "registry/conflict.h"
#include "registry/table.h"

/* Wait for the backend call that makes a record BUSY: AGAIN, or -EDEADLK. */
int pci_ext_backing_wait(struct pci_ext_device_entry *entry, const struct pci_ext_record *record);

/*
 * Whether the backend of a PRESENT device can map the range now: 0, *joined being the shared
 * mapping to join or NULL; AGAIN or STALE; -EINVAL not aligned, to the granule in *conflict;
 * -ENOTSUP no backend; -EEXIST an overlap in the shared address space, in *conflict; -EDEADLK.
 */
int pci_ext_backing_plan(struct pci_ext_device_entry *entry, const struct pci_ext_range *range,
	uint64_t registration, struct pci_ext_shared **joined, struct pci_ext_conflict *conflict);
/*
 * Whether the backend of a PRESENT device can map this at all, a dma-buf unless NULL, with the
 * range's access: 0, also if there is no backend; else -ENOTSUP, and the backend in *conflict.
 */
int pci_ext_backing_takes(const struct pci_ext_device_entry *entry,
	const struct pci_ext_range *range, const struct pci_ext_dmabuf *dmabuf,
	struct pci_ext_conflict *conflict);
/*
 * Let the backend confirm the mapping of an ACTIVE record, which stays ACTIVE: 0, with
 * conflict->was_gone; the backend's error; AGAIN; -EDEADLK. Not a mapping of freed memory.
 */
int pci_ext_backing_confirm(struct pci_ext_device_entry *entry, struct pci_ext_record *record,
	struct pci_ext_conflict *conflict);
/* Map a PENDING record: ACTIVE, or the backend's error and PENDING as before. */
int pci_ext_backing_make(struct pci_ext_device_entry *entry, struct pci_ext_record *record,
	struct pci_ext_shared *joined, struct pci_ext_prealloc *prealloc,
	struct pci_ext_conflict *conflict);

/* Which errors of the backend's unmap keep the mapping. */
enum pci_ext_manner {
	PCI_EXT_ASK,	     /* all */
	PCI_EXT_UNLESS_BUSY, /* only -EBUSY */
	PCI_EXT_FORCE,	     /* none */
};

/* Whether an ACTIVE record can be ended now: 0, AGAIN or -EDEADLK. */
int pci_ext_backing_plan_end(
	struct pci_ext_device_entry *entry, const struct pci_ext_record *record);
/*
 * Unmap an ACTIVE record: 0 and PENDING, with record->since left to the caller; or an error that
 * manner does not ignore, and ACTIVE as before. *result: the backend's result.
 */
int pci_ext_backing_end(struct pci_ext_device_entry *entry, struct pci_ext_record *record,
	enum pci_ext_manner manner, struct pci_ext_prealloc *prealloc, int *result);

/*
 * Make a PENDING record ACTIVE without a backend call, if suspend failed to unmap it and the device
 * was not removed: the backend still has it mapped. Returns false for any other record.
 */
bool pci_ext_backing_resume(struct pci_ext_device_entry *entry, struct pci_ext_record *record);

/*
 * End a mapping of the shared address space for all its holders, unless the backend returns EBUSY.
 * They stay ACTIVE, and end without a backend call. 0; AGAIN, with nothing done; -EBUSY; -EDEADLK.
 */
int pci_ext_backing_end_shared(struct pci_ext_device_entry *entry, struct pci_ext_shared *mapping,
	const struct pci_ext_backend *backend);

#endif /* PCI_EXT_BACKING_H */
