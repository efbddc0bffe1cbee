/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * table: what the table of the registry is made of: device entries with their records, all of it
 * under the table lock.
 */
#ifndef PCI_EXT_TABLE_H
#define PCI_EXT_TABLE_H

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

struct pci_ext_device_entry {
	RB_ENTRY(pci_ext_device_entry) by_name; /* devices' */
	char name[PCI_EXT_NAME_SIZE];
	enum pci_ext_presence presence;
	unsigned int users;		       /* threads in a transaction; devices' */
	uint64_t stay;			       /* number of this stay, from 1 */
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
	/* PENDING by force: the stay in which the backend still has it; 0: in none. */
	uint64_t kept_in;
	uint64_t registration;		       /* the memory that it is of, memory.h */
	const struct pci_ext_backend *backend; /* unless PENDING: who maps it */
	struct pci_ext_shared *shared;	       /* likewise, when that one is shared */
	time_t since;			       /* CLOCK_MONOTONIC, start of this state */
};

/*
 * Nodes that a transaction may insert, or has removed, at most one of each kind: prealloc.h.
 */
struct pci_ext_prealloc {
	struct pci_ext_device_entry *entry;
	struct pci_ext_device_entry
		*second_entry; /* taken out, when there is one at hand already */
	struct pci_ext_record *record;
	struct pci_ext_shared *shared;
};

static inline time_t
pci_ext_table_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return ts.tv_sec;
}

static inline void
pci_ext_record_set_state(struct pci_ext_record *record, enum pci_ext_state state)
{
	record->state = state;
	record->since = pci_ext_table_now();
}

#endif /* PCI_EXT_TABLE_H */
