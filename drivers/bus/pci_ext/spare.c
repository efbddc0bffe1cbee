/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * spare: see spare.h. Owns what is kept, which is guarded by the table lock.
 */
#include <errno.h>
#include <stdlib.h>

#include "spare.h"

static struct pci_ext_spare kept;

static bool
is_full(const struct pci_ext_spare *spare)
{
	return spare->owner != NULL && spare->record != NULL && spare->shared != NULL;
}

/* Moves all that has room from one to the other. */
static void
move_spare(struct pci_ext_spare *from, struct pci_ext_spare *to)
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
pci_ext_spare_take(struct pci_ext_spare *spare)
{
	move_spare(&kept, spare);
	return is_full(spare);
}

int
pci_ext_spare_fill(struct pci_ext_spare *spare)
{
	if (spare->owner == NULL)
		spare->owner = malloc(sizeof(*spare->owner));
	if (spare->record == NULL)
		spare->record = malloc(sizeof(*spare->record));
	if (spare->shared == NULL)
		spare->shared = malloc(sizeof(*spare->shared));
	if (is_full(spare))
		return 0;
	pci_ext_spare_free(spare);
	return -ENOMEM;
}

bool
pci_ext_spare_keep(struct pci_ext_spare *spare)
{
	move_spare(spare, &kept);
	return spare->owner == NULL && spare->second_owner == NULL && spare->record == NULL &&
	       spare->shared == NULL;
}

void
pci_ext_spare_free(struct pci_ext_spare *spare)
{
	free(spare->owner);
	free(spare->second_owner);
	free(spare->record);
	free(spare->shared);
}
