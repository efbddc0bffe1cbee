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
 *   ACTIVE    BUSY      put of the last reference, park: the backend is asked to unmap
 *   BUSY      (none)    put: the backend has unmapped it
 *   BUSY      ACTIVE    put: the backend would not unmap it
 *   BUSY      PENDING   park: whatever the backend said
 *   PENDING   (none)    put of the last reference, remove
 * A range that another device has mapped in a shared space goes straight to ACTIVE, and straight
 * back as long as that one keeps it: the backend is not asked.
 *
 * A BUSY record belongs to the thread that has made it so, which is in the backend and holds the
 * device lock, but not the table lock. Everybody may look; who would change it, or map something
 * else that overlaps it, waits for the device lock and looks anew. As long as it is counted, a
 * record that is being mapped is pending, one that is being unmapped is active.
 *
 * Called by registry alone, under the table lock, with owner->users counting the caller, so that
 * the device stays while the lock is left. Functions that return PCI_EXT_AGAIN have left it to
 * wait, and done nothing. Allocates and frees nothing: what a function may need it takes from a
 * struct spare, and what it takes out of the sets it leaves there. It needs one of each kind at
 * most.
 */
#ifndef PCI_EXT_RECORD_H
#define PCI_EXT_RECORD_H

#include <time.h>

#include <bsd/sys/tree.h>

#include "backend.h"
#include "interval.h"
#include "lock.h"
#include "pci_ext.h"
#include "shared.h"

enum pci_ext_presence {
	PCI_EXT_ABSENT,
	PCI_EXT_PRESENT,
	PCI_EXT_LEAVING,
};

struct pci_ext_owner {
	RB_ENTRY(pci_ext_owner) by_name; /* devices' */
	char name[PCI_EXT_NAME_SIZE];
	enum pci_ext_presence presence;
	unsigned int users;		       /* threads in a transaction; devices' */
	struct pci_ext_target target;	       /* while not ABSENT */
	const struct pci_ext_backend *backend; /* the last known; NULL when none serves it */
	struct pci_ext_device_lock lock;       /* unless the backend is shared */
	struct pci_ext_interval_set by_addr;   /* its records */
	struct pci_ext_interval_set by_iova;   /* the same ones */
	uint64_t active;
	uint64_t pending;
	uint64_t active_bytes;
};

struct pci_ext_record {
	struct pci_ext_interval by_addr;
	struct pci_ext_interval by_iova;
	struct pci_ext_range range;
	enum pci_ext_state state;
	uint32_t references;
	const struct pci_ext_backend *backend; /* unless PENDING: who maps it */
	struct pci_ext_shared *shared;	       /* likewise, when that one is shared */
	time_t since;			       /* CLOCK_MONOTONIC, when it came into this state */
};

/*
 * What a transaction may put into the sets, or has taken out of them, one of each kind at most;
 * spare.h says where it comes from.
 */
struct pci_ext_spare {
	struct pci_ext_owner *owner;
	struct pci_ext_owner *second_owner; /* taken out, when there is one at hand already */
	struct pci_ext_record *record;
	struct pci_ext_shared *shared;
};

/* The record with exactly this range, or NULL. */
struct pci_ext_record *pci_ext_record_find(
	const struct pci_ext_owner *owner, const struct pci_ext_range *range);

/* Seconds in its state. */
uint64_t pci_ext_record_age(const struct pci_ext_record *record);

/* The next record after the cursor that is PENDING, or that is not; or NULL. Moves the cursor. */
struct pci_ext_record *pci_ext_record_next_pending(
	const struct pci_ext_owner *owner, struct pci_ext_cursor *cursor);
struct pci_ext_record *pci_ext_record_next_mapped(
	const struct pci_ext_owner *owner, struct pci_ext_cursor *cursor);

/*
 * One reference more to this range: a new record, ACTIVE if the device is PRESENT, or one that is
 * there. Takes spare->record and spare->shared. Or PCI_EXT_AGAIN.
 */
int pci_ext_record_get(struct pci_ext_owner *owner, const struct pci_ext_range *range,
	struct pci_ext_spare *spare, struct pci_ext_clash *clash);
/* One reference less; the last one ends the mapping and leaves its parts in spare. Or AGAIN. */
int pci_ext_record_put(struct pci_ext_owner *owner, const struct pci_ext_range *range,
	struct pci_ext_spare *spare, struct pci_ext_clash *clash);

/* PENDING to ACTIVE on a PRESENT device; one that is ACTIVE stays so. Or AGAIN. */
int pci_ext_record_activate(struct pci_ext_owner *owner, struct pci_ext_record *record,
	struct pci_ext_spare *spare, struct pci_ext_clash *clash);
/* ACTIVE to PENDING, by force: also when the backend fails, whose error is returned. Or AGAIN. */
int pci_ext_record_park(
	struct pci_ext_owner *owner, struct pci_ext_record *record, struct pci_ext_spare *spare);
/* Take a PENDING record out, into spare. */
void pci_ext_record_remove(
	struct pci_ext_owner *owner, struct pci_ext_record *record, struct pci_ext_spare *spare);

#endif /* PCI_EXT_RECORD_H */
