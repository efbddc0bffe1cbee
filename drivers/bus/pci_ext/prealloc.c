/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * prealloc: see prealloc.h. Owns the nodes that are kept for reuse, under the table lock.
 */
#include <errno.h>
#include <stdlib.h>

#include "prealloc.h"

static struct pci_ext_prealloc kept;

static bool
is_full(const struct pci_ext_prealloc *prealloc)
{
	return prealloc->owner != NULL && prealloc->record != NULL && prealloc->shared != NULL;
}

/* Moves each node whose place is empty. */
static void
move_nodes(struct pci_ext_prealloc *from, struct pci_ext_prealloc *to)
{
	if (to->owner == NULL) {
		to->owner = from->owner;
		from->owner = NULL;
	}
	if (to->record == NULL) {
		to->record = from->record;
		from->record = NULL;
	}
	if (to->shared == NULL) {
		to->shared = from->shared;
		from->shared = NULL;
	}
}

bool
pci_ext_prealloc_take(struct pci_ext_prealloc *prealloc)
{
	move_nodes(&kept, prealloc);
	return is_full(prealloc);
}

int
pci_ext_prealloc_fill(struct pci_ext_prealloc *prealloc)
{
	if (prealloc->owner == NULL)
		prealloc->owner = malloc(sizeof(*prealloc->owner));
	if (prealloc->record == NULL)
		prealloc->record = malloc(sizeof(*prealloc->record));
	if (prealloc->shared == NULL)
		prealloc->shared = malloc(sizeof(*prealloc->shared));
	if (is_full(prealloc))
		return 0;
	pci_ext_prealloc_free(prealloc);
	return -ENOMEM;
}

bool
pci_ext_prealloc_keep(struct pci_ext_prealloc *prealloc)
{
	move_nodes(prealloc, &kept);
	return prealloc->owner == NULL && prealloc->second_owner == NULL &&
	       prealloc->record == NULL && prealloc->shared == NULL;
}

void
pci_ext_prealloc_free(struct pci_ext_prealloc *prealloc)
{
	free(prealloc->owner);
	free(prealloc->second_owner);
	free(prealloc->record);
	free(prealloc->shared);
}
