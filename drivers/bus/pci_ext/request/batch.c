/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * batch: see batch.h. The calling thread works too, so that a batch needs no other thread, only
 * more time without. Called by the public API and by standing, from any thread; no lock.
 */
#include <errno.h>
#include <stdatomic.h>

#include <rte_common.h>

#include "request/batch.h"
#include "common/compat.h"
#include "request/dispatch.h"
#include "common/log.h"
#include "registry/registry.h"

PCI_EXT_LOG_REGISTER(batch)

#define THREADS 16 /* at most, with the calling one */

typedef int (*call_t)(const struct pci_ext_target *target, const struct pci_ext_memory *memory);

struct batch {
	struct pci_ext_batch_item *items;
	unsigned int n;
	call_t call;
	const struct pci_ext_memory *memory;
	atomic_uint next; /* item to do */
};

static void
run_item(const struct batch *batch, struct pci_ext_batch_item *item)
{
	const struct pci_ext_target target = {.name = item->name};

	item->result = batch->call(&target, batch->memory);
}

static void
run_items(struct batch *batch)
{
	unsigned int i;

	while ((i = atomic_fetch_add(&batch->next, 1)) < batch->n)
		run_item(batch, &batch->items[i]);
}

static PCI_EXT_THREAD_RESULT
run_thread(void *batch)
{
	run_items(batch);
	return 0;
}

static void
run(struct batch *batch)
{
	const unsigned int wanted = RTE_MIN(batch->n, (unsigned int)THREADS);
	pci_ext_thread threads[THREADS];
	unsigned int n = 0;

	while (n + 1 < wanted &&
		pci_ext_compat_thread_create(&threads[n], "pci_ext-batch", run_thread, batch) == 0)
		n++;
	run_items(batch);
	while (n != 0)
		pci_ext_compat_thread_join(threads[--n]);
}

static int
first_error(const struct batch *batch)
{
	unsigned int i;

	for (i = 0; i < batch->n; i++)
		if (batch->items[i].result != 0)
			return batch->items[i].result;
	return 0;
}

static int
refuse(const struct batch *batch)
{
	unsigned int i;

	for (i = 0; i < batch->n; i++)
		batch->items[i].result = -EDEADLK;
	return -EDEADLK;
}

/* The results of the maps are left as they are. */
static void
undo(const struct batch *batch)
{
	struct pci_ext_batch_item *item;
	struct pci_ext_target target = {0};
	unsigned int i;

	for (i = 0; i < batch->n; i++) {
		item = &batch->items[i];
		target.name = item->name;
		item->is_left =
			item->result == 0 && pci_ext_dispatch_unmap(&target, batch->memory) != 0;
		if (item->is_left)
			PCI_EXT_LOG(batch, ERR,
				"%s: does not let go of a mapping that another device has refused",
				item->name);
	}
}

int
pci_ext_batch_map(
	struct pci_ext_batch_item *items, unsigned int n, const struct pci_ext_memory *memory)
{
	struct batch batch = {items, n, pci_ext_dispatch_map, memory, 0};
	int ret;

	if (pci_ext_registry_is_calling())
		return refuse(&batch);
	run(&batch);
	ret = first_error(&batch);
	if (ret != 0)
		undo(&batch);
	return ret;
}

int
pci_ext_batch_unmap(
	struct pci_ext_batch_item *items, unsigned int n, const struct pci_ext_memory *memory)
{
	struct batch batch = {items, n, pci_ext_dispatch_unmap, memory, 0};

	if (pci_ext_registry_is_calling())
		return refuse(&batch);
	run(&batch);
	return first_error(&batch);
}
