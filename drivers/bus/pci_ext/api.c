/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The functions of pci_ext.h: parses device names on entry, sets rte_errno on return. Any thread;
 * no lock, no state.
 */
#include <errno.h>
#include <stdlib.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "request/batch.h"
#include "request/dispatch.h"
#include "common/name.h"
#include "pci_ext.h"
#include "query/published.h"
#include "query/query.h"
#include "registry/registry.h"
#include "registry/snapshot.h"
#include "standing/standing.h"

static int
set_errno(int ret)
{
	if (ret < 0)
		rte_errno = -ret;
	return ret;
}

typedef int (*transaction_t)(
	const struct pci_ext_target *target, const struct pci_ext_memory *memory);

static int
run_by_name(transaction_t transaction, const char *device, const struct pci_ext_memory *memory)
{
	char name[PCI_EXT_NAME_SIZE];
	const struct pci_ext_target target = {.name = name};

	if (pci_ext_name_parse(device, name) != 0)
		return set_errno(-EINVAL);
	return set_errno(transaction(&target, memory));
}

int
pci_ext_dma_map(const char *device, const struct pci_ext_memory *memory)
{
	return run_by_name(pci_ext_dispatch_map, device, memory);
}

int
pci_ext_dma_unmap(const char *device, const struct pci_ext_memory *memory)
{
	return run_by_name(pci_ext_dispatch_unmap, device, memory);
}

int
pci_ext_dma_map_check(const char *device, const struct pci_ext_memory *memory)
{
	return run_by_name(pci_ext_dispatch_check, device, memory);
}

typedef int (*batch_t)(
	struct pci_ext_batch_item *items, unsigned int n, const struct pci_ext_memory *memory);

/* The devices of a list: 0, -EINVAL or -ENOMEM. */
static int
name_items(const char *const devices[], unsigned int n, struct pci_ext_batch_item **items)
{
	unsigned int i;

	*items = calloc((size_t)n + 1, sizeof(**items));
	if (*items == NULL)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		if (pci_ext_name_parse(devices[i], (*items)[i].name) != 0) {
			free(*items);
			return -EINVAL;
		}
	}
	return 0;
}

static int
run_list(batch_t batch, const char *const devices[], unsigned int n,
	const struct pci_ext_memory *memory, int results[])
{
	struct pci_ext_batch_item *items;
	unsigned int i;
	int ret;

	ret = name_items(devices, n, &items);
	if (ret != 0)
		return set_errno(ret);
	ret = batch(items, n, memory);
	for (i = 0; results != NULL && i < n; i++)
		results[i] = items[i].result;
	free(items);
	return set_errno(ret);
}

int
pci_ext_dma_map_list(const char *const devices[], unsigned int n,
	const struct pci_ext_memory *memory, int results[])
{
	return run_list(pci_ext_batch_map, devices, n, memory, results);
}

int
pci_ext_dma_unmap_list(const char *const devices[], unsigned int n,
	const struct pci_ext_memory *memory, int results[])
{
	return run_list(pci_ext_batch_unmap, devices, n, memory, results);
}

int
pci_ext_dma_map_all(const struct pci_ext_memory *memory, pci_ext_report_t report, void *arg)
{
	return set_errno(pci_ext_standing_map(memory, report, arg));
}

int
pci_ext_dma_unmap_all(const struct pci_ext_memory *memory, pci_ext_report_t report, void *arg)
{
	return set_errno(pci_ext_standing_unmap(memory, report, arg));
}

int
pci_ext_mapping_iterate(const char *device, pci_ext_mapping_act_t act, void *arg)
{
	char name[PCI_EXT_NAME_SIZE];
	struct pci_ext_mapping *copies;
	size_t n, i;
	int ret;

	if (device != NULL && pci_ext_name_parse(device, name) != 0)
		return set_errno(-EINVAL);
	ret = pci_ext_snapshot_mappings(device == NULL ? NULL : name, &copies, &n);
	if (ret != 0)
		return set_errno(ret);
	for (i = 0; i < n && ret == 0; i++)
		ret = act(&copies[i], arg);
	free(copies);
	return ret;
}

int
pci_ext_device_query(const char *device, struct pci_ext_device *info)
{
	char name[PCI_EXT_NAME_SIZE];

	if (pci_ext_name_parse(device, name) != 0)
		return set_errno(-EINVAL);
	if (pci_ext_registry_copy_devices(name, info, 1) == 0)
		return set_errno(-ENOENT);
	return 0;
}

static int
query(const struct rte_device *dev, uint64_t addr, uint64_t len, struct pci_ext_answer *answer)
{
	const struct pci_ext_published *device;
	int ret;

	if (dev == NULL || !pci_ext_range_fits(addr, len))
		return -EINVAL;
	if (rte_eal_process_type() == RTE_PROC_SECONDARY)
		return -ENOTSUP;
	ret = pci_ext_published_start();
	if (ret != 0)
		return ret;
	device = pci_ext_published_device(dev);
	return device == NULL ? -ENODEV : pci_ext_query_range(device, addr, len, answer);
}

int
pci_ext_query(const struct rte_device *device, const void *addr, size_t len,
	struct pci_ext_answer *answer)
{
	return set_errno(query(device, (uintptr_t)addr, len, answer));
}
