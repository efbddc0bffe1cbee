/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * spare: where a transaction has the parts from that it may put into the registry, and where those
 * go that it has taken out: what one leaves over is kept for the next, so most allocate nothing.
 *
 * Called by registry alone: take and keep under the table lock, fill and free without. The parts
 * are not initialised.
 */
#ifndef PCI_EXT_SPARE_H
#define PCI_EXT_SPARE_H

#include <stdbool.h>

#include "table.h"

/* Fill what is NULL from what was kept. Returns whether nothing is NULL now. */
bool pci_ext_spare_take(struct pci_ext_spare *spare);
/* Fill what is NULL by allocation. 0, or -ENOMEM with all of it freed. */
int pci_ext_spare_fill(struct pci_ext_spare *spare);
/*
 * Keep what there is, unless one is kept already, which then stays in spare, to be freed. Returns
 * whether nothing stays.
 */
bool pci_ext_spare_keep(struct pci_ext_spare *spare);
void pci_ext_spare_free(struct pci_ext_spare *spare);

#endif /* PCI_EXT_SPARE_H */
