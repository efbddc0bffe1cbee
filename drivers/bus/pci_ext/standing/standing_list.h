/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * standing_list: the standing ranges, and which devices have a reference of each; for standing.c,
 * which maps and unmaps, and standing_attach.c, for devices that come.
 *
 * A lock guards all of it. Of the registry it is held over what waits for nothing only: a copy, an
 * attach, and a map for a device that is not there. It may be taken under EAL's locks.
 */
#ifndef PCI_EXT_STANDING_LIST_H
#define PCI_EXT_STANDING_LIST_H

#include <bsd/sys/queue.h>

#include "common/dmabuf.h"
#include "request/batch.h"
#include "common/range.h"

/* What is mapped: a range, and the dma-buf that it is of, or NULL. */
struct pci_ext_standing_memory {
	struct pci_ext_range range;
	struct pci_ext_dmabuf *dmabuf;
};

struct pci_ext_standing {
	LIST_ENTRY(pci_ext_standing) next;
	struct pci_ext_standing_memory memory;
	uint64_t id;	       /* no other one has had it */
	uint64_t registration; /* of its memory, memory.h; GONE: to be mapped anew */
	uint64_t references;
	bool is_ending; /* its last reference is gone, or never came: no device gets it */
	/* The devices that have a reference of it. */
	struct pci_ext_batch_item *holders;
	unsigned int n;
	unsigned int room;
};

/* Devices, to call without the lock. The user frees items. */
struct pci_ext_standing_copy {
	struct pci_ext_batch_item *items;
	unsigned int n;
};

LIST_HEAD(pci_ext_standing_list, pci_ext_standing);
extern struct pci_ext_standing_list pci_ext_standing_ranges;

void pci_ext_standing_lock(void);
void pci_ext_standing_unlock(void);

/* The same for a call, which is to be done before the dma-buf is destroyed. */
struct pci_ext_memory pci_ext_standing_describe(const struct pci_ext_standing_memory *memory);

/*
 * The range of the same addr, iova and len. By a thread that keeps the list from being changed, by
 * the lock or as the only one to do so.
 */
struct pci_ext_standing *pci_ext_standing_find(const struct pci_ext_range *range);

/* Under the lock. Adding: 0 or -ENOMEM. */
bool pci_ext_standing_has_holder(const struct pci_ext_standing *standing, const char *name);
int pci_ext_standing_add_holder(struct pci_ext_standing *standing, const char *name);
void pci_ext_standing_remove_holder(struct pci_ext_standing *standing, const char *name);
/* The range of that id, if it is not ending and the device is its holder. */
struct pci_ext_standing *pci_ext_standing_find_held(uint64_t id, const char *name);

/* These take the lock. */

/*
 * A new range, whose holders are the devices that are present and served: they are in *copy, and
 * have no reference yet, unlike those that come from now on. It takes the dma-buf of *memory, which
 * is NULL there then. NULL: no memory, and nothing is taken.
 */
struct pci_ext_standing *pci_ext_standing_begin(struct pci_ext_standing_memory *memory,
	uint64_t registration, struct pci_ext_standing_copy *copy);
/*
 * Other memory is there, for which no holder has a reference yet: they are in *copy, with the
 * devices that are present and were none. *memory, of the same range, is exchanged for what was
 * there. 0; or -ENOMEM, and nothing is exchanged.
 */
int pci_ext_standing_renew(struct pci_ext_standing *standing,
	struct pci_ext_standing_memory *memory, uint64_t registration,
	struct pci_ext_standing_copy *copy);
int pci_ext_standing_copy_holders(
	const struct pci_ext_standing *standing, struct pci_ext_standing_copy *copy);
void pci_ext_standing_end(struct pci_ext_standing *standing);
void pci_ext_standing_set_ending(struct pci_ext_standing *standing);
/* It is not ending after all, but of memory that is there no more. */
void pci_ext_standing_revive(struct pci_ext_standing *standing);
uint64_t pci_ext_standing_get_registration(const struct pci_ext_standing *standing);

#endif /* PCI_EXT_STANDING_LIST_H */
