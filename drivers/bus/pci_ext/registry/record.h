/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * record: the records of one device, and their share in the mappings of a shared backend: the steps
 * of registry's transactions.
 *
 *   from      to        by
 *   (none)    PENDING   get, on a device that is not PRESENT
 *   (none)    BUSY      get, on a PRESENT device: the backend's map is called
 *   PENDING   BUSY      get and activate, on a PRESENT device: likewise
 *   BUSY      ACTIVE    map succeeded
 *   BUSY      as before map failed: (none) or PENDING
 *   ACTIVE    BUSY      get of a further reference, if something else can end a mapping of the
 *                       backend: its confirm is called
 *   BUSY      ACTIVE    any result of confirm
 *   ACTIVE    BUSY      put of the last reference, suspend: the backend's unmap is called
 *   BUSY      (none)    put: unmap succeeded, or found nothing (-ENOENT)
 *   BUSY      ACTIVE    put: unmap failed
 *   BUSY      PENDING   suspend: any result of unmap
 *   PENDING   ACTIVE    the next get, activate, put or end_stale, without a backend call, if that
 *                       unmap failed and the device was not removed
 *   PENDING   (none)    put of the last reference, end_stale, remove
 *   ACTIVE    BUSY      end_stale: the backend's unmap is called
 *   BUSY      (none)    end_stale: any result of unmap but -EBUSY
 *   BUSY      ACTIVE    end_stale: -EBUSY, a queue of the device owns buffers in the range
 * If another device has mapped the range in a shared address space, a record becomes ACTIVE, and
 * leaves that state while the mapping has other holders, without a backend call but confirm.
 *
 * A BUSY record is owned by the thread that calls the backend (backing.h), which holds the device
 * lock but not the table lock. Other threads may read it; to change it, or to map an overlapping
 * range, they wait for the device lock and check again. A record that is being mapped counts as
 * pending, one that is being unmapped as active.
 *
 * A record is stale when EAL no longer knows its memory, or other memory is registered at its
 * address. It lasts until it is unmapped like any other, or until a map of its range or of an
 * overlapping one ends it first. A mapping of a shared address space is then ended for all its
 * holders; their records, stale too, are ended by later maps.
 *
 * Called by registry alone, under the table lock, with entry->users counting the caller, so that
 * the entry stays while the lock is released. After PCI_EXT_AGAIN, for which the lock was
 * released, the caller starts again; only end_stale may have ended a shared mapping by then.
 * Nothing is allocated or freed: nodes to insert come from a struct pci_ext_prealloc, at most
 * one of each kind, and removed nodes are left there. Results are
 * 0, PCI_EXT_AGAIN, PCI_EXT_STALE with *conflict, or an error of the public contract.
 */
#ifndef PCI_EXT_RECORD_H
#define PCI_EXT_RECORD_H

#include "registry/conflict.h"
#include "registry/table.h"

/* The record with exactly this range, or NULL. */
struct pci_ext_record *pci_ext_record_find(
	const struct pci_ext_device_entry *entry, const struct pci_ext_range *range);

/* Seconds in its state, by CLOCK_MONOTONIC_COARSE. */
uint64_t pci_ext_record_age(const struct pci_ext_record *record);

/*
 * Advance the cursor to the next record that is PENDING; or that is mapped by a shared or by an
 * unshared backend, where a BUSY record counts as both. Returns it, or NULL if there is none.
 */
struct pci_ext_record *pci_ext_record_next_pending(
	const struct pci_ext_device_entry *entry, struct pci_ext_cursor *cursor);
struct pci_ext_record *pci_ext_record_next_mapped(
	const struct pci_ext_device_entry *entry, struct pci_ext_cursor *cursor, bool shared);

/*
 * Take a reference to this range of this memory: of an existing record, or of a new one, ACTIVE if
 * the device is PRESENT. May use prealloc->record, ->shared and ->dmabuf, which is the memory
 * unless it is NULL.
 */
int pci_ext_record_get(struct pci_ext_device_entry *entry, const struct pci_ext_range *range,
	uint64_t registration, struct pci_ext_prealloc *prealloc,
	struct pci_ext_conflict *conflict);
/*
 * What get would return now, without a change: 0, *is_new telling whether the backend would be
 * called to map; STALE if it would end a stale mapping first; AGAIN; or its error.
 */
int pci_ext_record_check(struct pci_ext_device_entry *entry, const struct pci_ext_range *range,
	uint64_t registration, const struct pci_ext_dmabuf *dmabuf, bool *is_new,
	struct pci_ext_conflict *conflict);
/* Drop a reference; the last one ends the mapping and leaves its nodes in prealloc. */
int pci_ext_record_put(struct pci_ext_device_entry *entry, const struct pci_ext_range *range,
	struct pci_ext_prealloc *prealloc, struct pci_ext_conflict *conflict);

/* PENDING to ACTIVE on a PRESENT device; an ACTIVE record stays ACTIVE. */
int pci_ext_record_activate(struct pci_ext_device_entry *entry, struct pci_ext_record *record,
	struct pci_ext_prealloc *prealloc, struct pci_ext_conflict *conflict);
/* ACTIVE to PENDING, also if the backend fails, whose error is returned. */
int pci_ext_record_suspend(struct pci_ext_device_entry *entry, struct pci_ext_record *record,
	struct pci_ext_prealloc *prealloc);
/*
 * End the mapping in *conflict of a function that returned PCI_EXT_STALE, with all its
 * references, and count it there; its nodes are left in prealloc. 0, also if it no longer
 * exists; PCI_EXT_AGAIN;
 * -EBUSY;
 * -EDEADLK.
 */
int pci_ext_record_end_stale(struct pci_ext_device_entry *entry, struct pci_ext_prealloc *prealloc,
	struct pci_ext_conflict *conflict);
/* [addr, addr + len) has been freed: all records that overlap it are stale. */
void pci_ext_record_forget(struct pci_ext_device_entry *entry, uint64_t addr, uint64_t len);
/* Remove a PENDING record, into prealloc. */
void pci_ext_record_remove(struct pci_ext_device_entry *entry, struct pci_ext_record *record,
	struct pci_ext_prealloc *prealloc);

#endif /* PCI_EXT_RECORD_H */
