/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the list of rigs: found on the buses, opened together, removed and probed again.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_bus.h>
#include <rte_devargs.h>
#include <rte_dmadev.h>
#include <rte_ethdev.h>

#include "on_vfio.h"
#include "plugin.h"
#include "rig.h"

uint64_t
rig_next_seq(void)
{
	static uint64_t seq;

	return ++seq;
}

enum moved
rig_read(struct rig *rig, const struct span *span)
{
	struct span piece = {span->addr, span->iova, RTE_MIN(span->len, (size_t)RIG_READ_MAX)};
	uint64_t seq = rig_next_seq();

	rig->ops->put(rig, piece.addr, (uint32_t)piece.len, seq);
	return rig->ops->get(rig, &piece, seq);
}

static enum rules
find_rules(const struct rig *rig, char assumed)
{
	char backend[32];

	if (plugin_backend_of(rig->name, backend, sizeof(backend)))
		return strcmp(backend, "vfio") == 0 || strcmp(backend, "iommufd") == 0 ? RULES_VFIO
										: RULES_DRIVER;
	if (assumed != 0)
		return assumed == 'v' ? RULES_VFIO : RULES_DRIVER;
	return on_vfio(rig->name) ? RULES_VFIO : RULES_DRIVER;
}

static void
note_devargs(struct rig *rig)
{
	const struct rte_devargs *devargs = rte_dev_devargs(rig->dev);
	const char *args = devargs != NULL && devargs->args != NULL ? devargs->args : "";

	snprintf(rig->devargs, sizeof(rig->devargs), "%s%s%s", rte_dev_name(rig->dev),
		*args != '\0' && *args != ',' ? "," : "", args);
}

static struct rig *
add_rig(struct rig_list *list, struct rte_device *dev, const struct rig_ops *ops)
{
	const struct rte_driver *driver = rte_dev_driver(dev);
	struct rig *rig;

	if (list->n == RIG_MAX)
		return NULL;
	rig = &list->rigs[list->n++];
	memset(rig, 0, sizeof(*rig));
	rig->dev = dev;
	rig->ops = ops;
	snprintf(rig->name, sizeof(rig->name), "%s", rte_dev_name(dev));
	if (driver != NULL)
		snprintf(rig->driver, sizeof(rig->driver), "%s", rte_driver_name(driver));
	note_devargs(rig);
	return rig;
}

static void
find_ports(struct rig_list *list)
{
	struct rte_eth_dev_info info;
	struct rig *rig;
	uint16_t id;

	RTE_ETH_FOREACH_DEV(id) {
		if (rte_eth_dev_info_get(id, &info) != 0 || info.device == NULL)
			continue;
		rig = add_rig(list, info.device, &rig_eth_ops);
		if (rig != NULL)
			rig->port = id;
	}
}

struct rte_device *
rig_device(const char *name)
{
	struct rte_dev_iterator it;
	struct rte_device *dev, *found = NULL;

	RTE_DEV_FOREACH(dev, "bus=pci", &it)
		if (strcmp(rte_dev_name(dev), name) == 0)
			found = dev;
	return found;
}

static void
find_dmas(struct rig_list *list)
{
	struct rte_dma_info info;
	struct rte_device *dev;
	struct rig *rig;
	int16_t id;

	RTE_DMA_FOREACH_DEV(id) {
		if (rte_dma_info_get(id, &info) != 0)
			continue;
		dev = rig_device(info.dev_name); /* dmadev knows only the name */
		rig = dev == NULL ? NULL : add_rig(list, dev, &rig_dma_ops);
		if (rig != NULL)
			rig->dma = id;
	}
}

void
rig_list_find(struct rig_list *list, const char *name, char rules)
{
	unsigned int i;

	memset(list, 0, sizeof(*list));
	find_ports(list);
	find_dmas(list);
	for (i = 0; i < list->n; i++) {
		struct rig *rig = &list->rigs[i];

		rig->rules = find_rules(rig, rules);
		rig->selected = name == NULL || strcmp(name, rig->name) == 0;
	}
}

int
rig_list_open(struct rig_list *list, char *err, size_t size)
{
	unsigned int i;
	int ret, first = 0;

	for (i = 0; i < list->n; i++) {
		struct rig *rig = &list->rigs[i];

		ret = rig->ops->open(rig, err, size);
		rig->opened = ret == 0;
		if (first == 0)
			first = ret;
	}
	for (i = 0; i < list->n && first == 0; i++) {
		struct rig *rig = &list->rigs[i];

		/* Helpers are checked too: the check finds the peer of each. */
		if (rig->ops->healthy(rig) || !rig->selected)
			continue;
		snprintf(err, size,
			"%s: no data gets through: a port must be connected to another port "
			"of this process or to itself",
			rig->name);
		first = -EIO;
	}
	return first;
}

void
rig_list_close(struct rig_list *list)
{
	unsigned int i;

	for (i = 0; i < list->n; i++)
		list->rigs[i].ops->close(&list->rigs[i]);
}

struct rig *
rig_list_other(struct rig_list *list, const struct rig *rig)
{
	unsigned int i;

	for (i = 0; i < list->n; i++)
		if (&list->rigs[i] != rig && list->rigs[i].rules == rig->rules &&
				list->rigs[i].opened)
			return &list->rigs[i];
	return NULL;
}

int
rig_unplug(struct rig_list *list, struct rig *rig)
{
	int ret;

	if (rig->opened)
		rig->ops->close(rig);
	rig->opened = false;
	ret = rte_dev_remove(rig->dev);
	if (ret == 0)
		rig->dev = NULL;
	return ret;
}

static int
find_again(struct rig *rig)
{
	struct rig_list *list = calloc(1, sizeof(*list));
	unsigned int i;
	int ret = -ENODEV;

	if (list == NULL)
		return -ENOMEM;
	find_ports(list);
	find_dmas(list);
	for (i = 0; i < list->n; i++) {
		if (strcmp(list->rigs[i].name, rig->name) != 0)
			continue;
		rig->dev = list->rigs[i].dev;
		rig->port = list->rigs[i].port;
		rig->dma = list->rigs[i].dma;
		ret = 0;
	}
	free(list);
	return ret;
}

int
rig_plug(struct rig_list *list, struct rig *rig, char *err, size_t size)
{
	int ret;

	snprintf(err, size, "rte_dev_probe(%s)", rig->devargs);
	ret = rte_dev_probe(rig->devargs);
	if (ret == 0)
		ret = find_again(rig);
	if (ret == 0)
		ret = rig->ops->open(rig, err, size);
	rig->opened = ret == 0;
	return ret;
}
