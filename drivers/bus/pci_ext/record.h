/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * record: the records of one device, and the mappings that devices of a shared backend have in
 * common. What registry does in one transaction is made of these.
 *
 * Called by registry alone, under its lock. Allocates and frees nothing: what a function may need
 * it takes from a struct spare, and what it takes out of the sets it leaves there. It needs one of
 * each kind at most, so a spare with all three full serves any one call.
 */
#ifndef PCI_EXT_RECORD_H
#define PCI_EXT_RECORD_H

#include <time.h>

#include <bsd/sys/tree.h>

#include "backend.h"
#include "interval.h"
#include "pci_ext.h"

enum pci_ext_presence {
	PCI_EXT_ABSENT,
	PCI_EXT_PRESENT,
	PCI_EXT_LEAVING,
};

struct pci_ext_owner {
	RB_ENTRY(pci_ext_owner) by_name; /* registry's */
	char name[PCI_EXT_NAME_SIZE];
	enum pci_ext_presence presence;
	struct pci_ext_target target;	       /* while not ABSENT */
	const struct pci_ext_backend *backend; /* the last known; NULL when none serves it */
	struct pci_ext_interval_set by_addr;   /* its records */
	struct pci_ext_interval_set by_iova;   /* the same ones */
	uint64_t active;
	uint64_t pending;
	uint64_t active_bytes;
};

/* A mapping of the shared address space. */
struct pci_ext_shared {
	struct pci_ext_interval by_iova;
	struct pci_ext_range range;
	uint64_t holders; /* ACTIVE records */
};

struct pci_ext_record {
	struct pci_ext_interval by_addr;
	struct pci_ext_interval by_iova;
	struct pci_ext_range range;
	enum pci_ext_state state;
	uint32_t references;
	struct pci_ext_shared *shared; /* of an ACTIVE record of a shared backend */
	time_t since;		       /* CLOCK_MONOTONIC, when it came into this state */
};

/*
 * What a transaction may put into the sets, or has taken out of them, one of each kind at most;
 * spare.h says where it comes from.
 */
struct pci_ext_spare {
	struct pci_ext_owner *owner;
	struct pci_ext_record *record;
	struct pci_ext_shared *shared;
};

#define PCI_EXT_CONTAINER(member_ptr, type, member)                                                \
	((type *)(void *)((char *)(member_ptr)-offsetof(type, member)))

/* The record with exactly this range, or NULL. */
struct pci_ext_record *pci_ext_record_find(
	const struct pci_ext_owner *owner, const struct pci_ext_range *range);

/* Seconds in its state. */
uint64_t pci_ext_record_age(const struct pci_ext_record *record);

/* The next record after the cursor that is in this state, or NULL; moves the cursor there. */
struct pci_ext_record *pci_ext_record_advance(
	const struct pci_ext_owner *owner, struct pci_ext_cursor *cursor, enum pci_ext_state state);

/*
 * One reference more to this range: a new record, ACTIVE if the device is PRESENT, or one that is
 * there. Takes spare->record and spare->shared.
 */
int pci_ext_record_get(struct pci_ext_owner *owner, const struct pci_ext_range *range,
	struct pci_ext_spare *spare, struct pci_ext_clash *clash);
/* One reference less; the last one ends the mapping and leaves its parts in spare. */
int pci_ext_record_put(struct pci_ext_owner *owner, const struct pci_ext_range *range,
	struct pci_ext_spare *spare, struct pci_ext_clash *clash);

/* PENDING to ACTIVE on a PRESENT device. */
int pci_ext_record_activate(struct pci_ext_owner *owner, struct pci_ext_record *record,
	struct pci_ext_spare *spare, struct pci_ext_clash *clash);
/* ACTIVE to PENDING, by force: also when the backend fails, whose error is returned. */
int pci_ext_record_park(
	struct pci_ext_owner *owner, struct pci_ext_record *record, struct pci_ext_spare *spare);
/* Take a PENDING record out, into spare. */
void pci_ext_record_remove(
	struct pci_ext_owner *owner, struct pci_ext_record *record, struct pci_ext_spare *spare);

#endif /* PCI_EXT_RECORD_H */
