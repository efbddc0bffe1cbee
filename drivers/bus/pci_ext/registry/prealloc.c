/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * prealloc: see prealloc.h. Owns the nodes that are kept for reuse, under the table lock.
 */
#include <errno.h>
#include <stdlib.h>

#include "registry/prealloc.h"

static struct pci_ext_prealloc kept;

static bool
is_full(const struct pci_ext_prealloc *prealloc)
{
	return prealloc->entry != NULL && prealloc->record != NULL &&
	       prealloc->with_by_iova != NULL && prealloc->shared != NULL;
}

bool
pci_ext_prealloc_has_record(void)
{
	return __atomic_load_n(&kept.record, __ATOMIC_RELAXED) != NULL;
}

/* Move each node of from whose place in to is empty. */
static void
move_nodes(struct pci_ext_prealloc *from, struct pci_ext_prealloc *to)
{
	if (to->entry == NULL) {
		to->entry = from->entry;
		from->entry = NULL;
	}
	if (to->record == NULL) {
		__atomic_store_n(&to->record, from->record, __ATOMIC_RELAXED);
		__atomic_store_n(&from->record, NULL, __ATOMIC_RELAXED);
	}
	if (to->with_by_iova == NULL) {
		to->with_by_iova = from->with_by_iova;
		from->with_by_iova = NULL;
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
	if (prealloc->entry == NULL)
		prealloc->entry = malloc(sizeof(*prealloc->entry));
	if (prealloc->record == NULL)
		prealloc->record = malloc(sizeof(*prealloc->record));
	if (prealloc->with_by_iova == NULL)
		prealloc->with_by_iova =
			malloc(sizeof(*prealloc->record) + sizeof(prealloc->record->by_iova[0]));
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
	return prealloc->entry == NULL && prealloc->second_entry == NULL &&
	       prealloc->record == NULL && prealloc->with_by_iova == NULL &&
	       prealloc->shared == NULL && prealloc->dmabuf == NULL;
}

void
pci_ext_prealloc_free(struct pci_ext_prealloc *prealloc)
{
	free(prealloc->entry);
	free(prealloc->second_entry);
	free(prealloc->record);
	free(prealloc->with_by_iova);
	free(prealloc->shared);
	pci_ext_dmabuf_destroy(prealloc->dmabuf);
}
