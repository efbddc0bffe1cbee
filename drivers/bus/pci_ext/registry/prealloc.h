/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * prealloc: nodes that a transaction of the registry may insert, allocated before the table lock is
 * taken, and nodes it has removed. One of each kind is kept for the next transaction, so that most
 * transactions allocate nothing.
 *
 * Called by registry alone: take and keep under the table lock, the others without it. Nodes are
 * not initialised. A dma-buf, which is neither allocated nor kept here, is closed with the nodes.
 */
#ifndef PCI_EXT_PREALLOC_H
#define PCI_EXT_PREALLOC_H

#include <stdbool.h>

#include "registry/table.h"

/* Whether a record is kept. A hint, without the table lock. */
bool pci_ext_prealloc_has_record(void);
/* Replace NULL pointers by kept nodes. Returns whether no pointer needed to insert is NULL now. */
bool pci_ext_prealloc_take(struct pci_ext_prealloc *prealloc);
/* Replace NULL pointers by allocated nodes. 0, or -ENOMEM with all nodes freed. */
int pci_ext_prealloc_fill(struct pci_ext_prealloc *prealloc);
/*
 * Keep the nodes, but no dma-buf. What is not kept, as a node of a kind that is kept already,
 * remains in prealloc, to be freed. Returns whether nothing remains.
 */
bool pci_ext_prealloc_keep(struct pci_ext_prealloc *prealloc);
void pci_ext_prealloc_free(struct pci_ext_prealloc *prealloc);

#endif /* PCI_EXT_PREALLOC_H */
