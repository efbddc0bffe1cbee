/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * record: the records of one device, and the mappings that devices of a shared backend have in
 * common. What registry does in one transaction is made of these.
 *
 *   from      to        by
 *   (none)    PENDING   get, on a device that is not PRESENT
 *   (none)    BUSY      get, on a device that is: the backend is asked to map
 *   PENDING   BUSY      get and activate, on a device that is PRESENT: likewise
 *   BUSY      ACTIVE    the backend has mapped it
 *   BUSY      as before the backend would not map it: (none) or PENDING
 *   ACTIVE    BUSY      put of the last reference, suspend: the backend is asked to unmap
 *   BUSY      (none)    put: the backend has unmapped it
 *   BUSY      ACTIVE    put: the backend would not unmap it
 *   BUSY      PENDING   suspend: whatever the backend said
 *   PENDING   ACTIVE    whoever comes next, when the backend refused that and the device stayed
 *   PENDING   (none)    put of the last reference, end_stale, remove
 *   ACTIVE    BUSY      end_stale: the backend is asked to unmap
 *   BUSY      (none)    end_stale: whatever it said, but
 *   BUSY      ACTIVE    end_stale: a queue of the device owns buffers there, EBUSY
 * A range that another device has mapped in a shared space goes straight to ACTIVE, and straight
 * back as long as that one keeps it: the backend is not asked.
 *
 * A BUSY record belongs to the thread that has made it so, which is in the backend (backing.h) and
 * holds the device lock, but not the table lock. Everybody may look; who would change it, or map
 * something else that overlaps it, waits for the device lock and looks anew. As long as it is
 * counted, a record that is being mapped is pending, one that is being unmapped is active.
 *
 * A record is stale when the memory that it was made for has gone: EAL does not know it any more,
 * or knows other memory at this address. It lasts until it is unmapped like any other, or until
 * somebody maps this range or one that overlaps it, and ends it first. A mapping of a shared space
 * is ended then for all its holders; their records, stale as well, are ended as they are met.
 *
 * Called by registry alone, under the table lock, with entry->users counting the caller, so that
 * the device stays while the lock is left. Functions that return PCI_EXT_AGAIN have released
 * it to wait, and done nothing. Nothing is allocated or freed: nodes to insert come from a struct
 * pci_ext_prealloc, at most one of each kind, and removed ones are left there.
 */
#ifndef PCI_EXT_RECORD_H
#define PCI_EXT_RECORD_H

#include "conflict.h"
#include "table.h"

/* The record with exactly this range, or NULL. */
struct pci_ext_record *pci_ext_record_find(
	const struct pci_ext_device_entry *entry, const struct pci_ext_range *range);

/* Seconds in its state. */
uint64_t pci_ext_record_age(const struct pci_ext_record *record);

/*
 * The next record after the cursor that is PENDING; that is mapped, by a backend that is shared or
 * by one that is not, where a BUSY one is both. Or NULL. Moves the cursor.
 */
struct pci_ext_record *pci_ext_record_next_pending(
	const struct pci_ext_device_entry *entry, struct pci_ext_cursor *cursor);
struct pci_ext_record *pci_ext_record_next_mapped(
	const struct pci_ext_device_entry *entry, struct pci_ext_cursor *cursor, bool shared);

/*
 * One reference more to this range of this memory: a new record, ACTIVE if the device is PRESENT,
 * or one that is there. Takes prealloc->record and prealloc->shared. Or AGAIN, or STALE.
 */
int pci_ext_record_get(struct pci_ext_device_entry *entry, const struct pci_ext_range *range,
	uint64_t registration, struct pci_ext_prealloc *prealloc,
	struct pci_ext_conflict *conflict);
/* One reference less; the last one ends the mapping and leaves its parts in prealloc. Or AGAIN. */
int pci_ext_record_put(struct pci_ext_device_entry *entry, const struct pci_ext_range *range,
	struct pci_ext_prealloc *prealloc, struct pci_ext_conflict *conflict);

/* PENDING to ACTIVE on a PRESENT device; one that is ACTIVE stays so. Or AGAIN, or STALE. */
int pci_ext_record_activate(struct pci_ext_device_entry *entry, struct pci_ext_record *record,
	struct pci_ext_prealloc *prealloc, struct pci_ext_conflict *conflict);
/* ACTIVE to PENDING, by force: also when the backend fails, whose error is returned. Or AGAIN. */
int pci_ext_record_suspend(struct pci_ext_device_entry *entry, struct pci_ext_record *record,
	struct pci_ext_prealloc *prealloc);
/*
 * End what a function that returned STALE has put into *conflict, with all its references, and
 * count it there; its parts are left in prealloc. 0, also when it is no longer there; AGAIN;
 * -EBUSY, and -EDEADLK.
 */
int pci_ext_record_end_stale(struct pci_ext_device_entry *entry, struct pci_ext_prealloc *prealloc,
	struct pci_ext_conflict *conflict);
/* The memory of all records that touch [addr, addr + len) has gone: they are stale. */
void pci_ext_record_forget(struct pci_ext_device_entry *entry, uint64_t addr, uint64_t len);
/* Take a PENDING record out, into prealloc. */
void pci_ext_record_remove(struct pci_ext_device_entry *entry, struct pci_ext_record *record,
	struct pci_ext_prealloc *prealloc);

#endif /* PCI_EXT_RECORD_H */
