/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * prealloc: the nodes that a transaction of the registry may insert, allocated before the table
 * lock is taken, and those that it has removed. One of each kind is kept for the next transaction,
 * so that most allocate nothing.
 *
 * Called by registry alone: take and keep under the table lock, fill and free without. Nodes are
 * not initialised.
 */
#ifndef PCI_EXT_PREALLOC_H
#define PCI_EXT_PREALLOC_H

#include <stdbool.h>

#include "table.h"

/* Take kept nodes for what is NULL. Returns whether nothing is NULL now. */
bool pci_ext_prealloc_take(struct pci_ext_prealloc *prealloc);
/* Allocate what is NULL. 0, or -ENOMEM with all of it freed. */
int pci_ext_prealloc_fill(struct pci_ext_prealloc *prealloc);
/*
 * Keep the nodes. One whose kind is kept already remains in prealloc, to be freed. Returns whether
 * none remains.
 */
bool pci_ext_prealloc_keep(struct pci_ext_prealloc *prealloc);
void pci_ext_prealloc_free(struct pci_ext_prealloc *prealloc);

#endif /* PCI_EXT_PREALLOC_H */
