/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>

#include <rte_bus.h>
#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include "fleet.h"
#include "pci_ext.h"

#define BUSY_US 100
#define BUSY_TIMES 20000	/* 2 s at least */

static int
open_rig(struct rig *rig, char *err, size_t size)
{
	int ret = rig->ops->open(rig, err, size);

	rig->opened = ret == 0;
	if (ret == 0 && !rig->ops->healthy(rig)) {
		snprintf(err, size, "%s: no data gets through", rig->name);
		ret = -EIO;
	}
	return ret;
}

/* A port on VFIO is there for the container: it is not configured. */
int
fleet_open(struct fleet *fleet, char *err, size_t size)
{
	struct rig_list *list = &fleet->list;
	unsigned int i;
	int ret = 0;

	rig_list_find(list, NULL, 0);
	snprintf(err, size, "one to %u devices, not %u", MODEL_DEVICES, list->n);
	if (list->n == 0 || list->n > MODEL_DEVICES)
		return -ENODEV;
	fleet->vfio = list->rigs[0].rules == RULES_VFIO;
	for (i = 0; i < list->n && ret == 0; i++) {
		struct rig *rig = &list->rigs[i];

		snprintf(err, size, "%s: not as the others on VFIO, or not", rig->name);
		if ((rig->rules == RULES_VFIO) != fleet->vfio)
			return -EINVAL;
		if (!fleet->vfio || rig->ops == &rig_dma_ops)
			ret = open_rig(rig, err, size);
	}
	return ret;
}

void
fleet_close(struct fleet *fleet)
{
	unsigned int i;

	for (i = 0; i < fleet->list.n; i++)
		if (fleet->list.rigs[i].opened)
			fleet->list.rigs[i].ops->close(&fleet->list.rigs[i]);
}

bool
fleet_moves_data(const struct fleet *fleet, unsigned int device)
{
	return fleet->list.rigs[device].opened;
}

bool
fleet_is_healthy(struct fleet *fleet)
{
	unsigned int i;

	for (i = 0; i < fleet->list.n; i++)
		if (fleet_moves_data(fleet, i) &&
				!fleet->list.rigs[i].ops->healthy(&fleet->list.rigs[i]))
			return false;
	return true;
}

int
fleet_unplug(struct fleet *fleet, unsigned int device, char *err, size_t size)
{
	struct rig *rig = &fleet->list.rigs[device];
	int ret = rig_unplug(&fleet->list, rig);

	if (ret != 0)
		snprintf(err, size, "%s: remove: %s", rig->name, rte_strerror(-ret));
	return ret;
}

static int
probe_only(struct rig *rig, char *err, size_t size)
{
	int ret = rte_dev_probe(rig->devargs);

	snprintf(err, size, "%s: probe: %s", rig->name, rte_strerror(-ret));
	if (ret != 0)
		return ret;
	rig->dev = rig_device(rig->name);
	return rig->dev != NULL ? 0 : -ENODEV;
}

int
fleet_plug(struct fleet *fleet, unsigned int device, char *err, size_t size)
{
	struct rig *rig = &fleet->list.rigs[device];
	int ret;

	if (fleet->vfio && rig->ops == &rig_eth_ops)
		return probe_only(rig, err, size);
	ret = rig_plug(&fleet->list, rig, err, size);
	if (ret == 0 && !rig->ops->healthy(rig)) {
		snprintf(err, size, "%s: no data gets through after the probe", rig->name);
		ret = -EIO;
	}
	return ret;
}

/* EAL's own checks return -1. */
static int
error_of(int ret)
{
	if (ret == 0)
		return 0;
	return rte_errno > 0 && (ret == -rte_errno || ret == -1) ? rte_errno : -1;
}

int
fleet_map(struct fleet *fleet, unsigned int device, const struct range *range, bool by_name)
{
	const struct rig *rig = &fleet->list.rigs[device];
	void *addr = (void *)(uintptr_t)range->addr;
	const struct pci_ext_memory memory = {addr, range->iova, range->len};

	rte_errno = 0;
	return error_of(by_name ? pci_ext_dma_map(rig->name, &memory) :
		rte_dev_dma_map(rig->dev, addr, range->iova, range->len));
}

static int
unmap_once(const struct rig *rig, const struct range *range, bool by_name)
{
	void *addr = (void *)(uintptr_t)range->addr;
	const struct pci_ext_memory memory = {addr, range->iova, range->len};

	rte_errno = 0;
	return error_of(by_name ? pci_ext_dma_unmap(rig->name, &memory) :
		rte_dev_dma_unmap(rig->dev, addr, range->iova, range->len));
}

int
fleet_unmap(struct fleet *fleet, unsigned int device, const struct range *range, bool by_name)
{
	const struct rig *rig = &fleet->list.rigs[device];
	int error = unmap_once(rig, range, by_name);
	unsigned int i;

	for (i = 0; i < BUSY_TIMES && error == EBUSY && rig->ops == &rig_eth_ops; i++) {
		rte_eth_tx_done_cleanup(rig->port, 0, 0);
		rte_delay_us_sleep(BUSY_US);
		error = unmap_once(rig, range, by_name);
	}
	return error;
}

enum moved
fleet_read(struct fleet *fleet, unsigned int device, const struct range *range)
{
	const struct span span = {(void *)(uintptr_t)range->addr, range->iova, range->len};

	return rig_read(&fleet->list.rigs[device], &span);
}
