/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * spare: what a transaction may put into the registry, or has taken out of it, one of each kind at
 * most; and what one leaves over, which is kept for the next, so that most allocate nothing.
 *
 * Called by registry alone: take and keep under its lock, fill and free without.
 */
#ifndef PCI_EXT_SPARE_H
#define PCI_EXT_SPARE_H

#include <stdbool.h>

struct pci_ext_owner;
struct pci_ext_record;
struct pci_ext_shared;

struct pci_ext_spare {
	struct pci_ext_owner *owner;
	struct pci_ext_record *record;
	struct pci_ext_shared *shared;
};

/* Fill what is NULL from what was kept. Returns whether nothing is NULL now. */
bool pci_ext_spare_take(struct pci_ext_spare *spare);
/* Fill what is NULL by allocation. 0, or -ENOMEM with all of it freed. */
int pci_ext_spare_fill(struct pci_ext_spare *spare);
/* Make all of a full spare zero. */
void pci_ext_spare_zero(struct pci_ext_spare *spare);
/* Keep what there is, unless one is kept already, which then stays in spare, to be freed. */
void pci_ext_spare_keep(struct pci_ext_spare *spare);
void pci_ext_spare_free(struct pci_ext_spare *spare);

#endif /* PCI_EXT_SPARE_H */
