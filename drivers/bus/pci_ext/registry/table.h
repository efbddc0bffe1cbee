/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * table: the structures of the registry's table: device entries with their records, guarded by the
 * table lock.
 */
#ifndef PCI_EXT_TABLE_H
#define PCI_EXT_TABLE_H

#include <time.h>

#include <bsd/sys/tree.h>

#include "backend/backend.h"
#include "common/interval.h"
#include "registry/lock.h"
#include "pci_ext.h"
#include "registry/shared.h"

enum pci_ext_presence {
	PCI_EXT_ABSENT,
	PCI_EXT_PRESENT,
	PCI_EXT_LEAVING,
};

struct pci_ext_device_entry {
	RB_ENTRY(pci_ext_device_entry) by_name; /* owned by devices */
	char name[PCI_EXT_NAME_SIZE];
	enum pci_ext_presence presence;
	unsigned int users;		       /* threads in a transaction; owned by devices */
	uint64_t stay;			       /* counts detaches, from 1 */
	struct pci_ext_target target;	       /* while not ABSENT */
	const struct pci_ext_backend *backend; /* the last known; NULL if none serves it */
	struct pci_ext_device_lock lock;       /* unless the backend is shared */
	struct pci_ext_interval_set by_addr;   /* its records */
	struct pci_ext_interval_set by_iova;   /* those whose iova is not their addr */
	uint64_t active;
	uint64_t pending;
	uint64_t active_bytes;
};

/* With addresses as IOVAs, as usual, the order by IOVA is that by address. */
struct pci_ext_record {
	struct pci_ext_interval by_addr;
	struct pci_ext_range range;
	enum pci_ext_state state;
	bool is_mapped; /* also while BUSY: until the backend has ended it */
	uint32_t references;
	/* PENDING after a failed unmap: the entry->stay in which it is still mapped; or 0. */
	uint64_t kept_in;
	uint64_t registration;		       /* of its memory, memory.h */
	struct pci_ext_dmabuf *dmabuf;	       /* of its memory; NULL if that has addresses */
	const struct pci_ext_backend *backend; /* of the mapping; NULL if PENDING */
	struct pci_ext_shared *shared;	       /* likewise, if the backend is shared */
	time_t since;			       /* CLOCK_MONOTONIC, start of this state */
	struct pci_ext_interval by_iova[];     /* one, unless range.iova is range.addr */
};

/* Nodes that a transaction may insert, or has removed, at most one of each kind: prealloc.h. */
struct pci_ext_prealloc {
	struct pci_ext_device_entry *entry;
	struct pci_ext_device_entry
		*second_entry;	       /* removed, while the preallocated one was not used */
	struct pci_ext_record *record; /* without by_iova */
	struct pci_ext_record *with_by_iova;
	struct pci_ext_shared *shared;
	struct pci_ext_dmabuf *dmabuf; /* of the record, and goes with it; only if it has one */
};

static inline bool
pci_ext_range_has_iova(const struct pci_ext_range *range)
{
	return range->iova != range->addr;
}

/* Where a record of this range is preallocated. */
static inline struct pci_ext_record **
pci_ext_prealloc_record(struct pci_ext_prealloc *prealloc, const struct pci_ext_range *range)
{
	return pci_ext_range_has_iova(range) ? &prealloc->with_by_iova : &prealloc->record;
}

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
