/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bus_ops: saves, replaces and restores the ops of DPDK's PCI bus, in place, so that every device
 * of it is served. The only file that sees struct rte_bus.
 *
 * Owns the saved ops and the interface to DPDK: converts a device to a target, and sets rte_errno.
 * install and restore run in the plugin's constructor and destructor; the ops in any thread.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "backend/extension.h"
#include "bus/bus_ops.h"
#include "common/compat.h"
#include "request/dispatch.h"
#include "bus/groups.h"
#include "common/log.h"
#include "request/mp_serve.h"
#include "pci_ext.h"
#include "bus/pools.h"
#include "bus/promote.h"
#include "standing/replay.h"
#include "standing/standing.h"

PCI_EXT_LOG_REGISTER(bus_ops)

static struct rte_bus *hooked_bus;
static struct rte_bus saved; /* only its ops are used */
static bool is_cleaning;

/* For requests of secondary processes. */
static const struct pci_ext_mp_serve_all for_all = {
	pci_ext_standing_map,
	pci_ext_standing_unmap,
};

static int
set_errno(int ret)
{
	if (ret < 0)
		rte_errno = -ret;
	return ret;
}

/* NULL only when no driver has claimed the device. */
static const char *
name_driver(const struct rte_pci_driver *driver)
{
	if (driver == NULL)
		return NULL;
	return driver->driver.name == NULL ? "(unnamed)" : driver->driver.name;
}

static void
describe_device(struct rte_device *dev, struct pci_ext_target *target)
{
	const struct rte_pci_device *pci = PCI_EXT_TO_PCI(dev);
	const struct rte_pci_driver *driver = pci_ext_compat_driver(pci);

	*target = (struct pci_ext_target){
		.dev = dev,
		.name = dev->name,
		.driver = name_driver(driver),
		/* Both or none: a mapping must be unmapped by its own driver. */
		.has_callbacks =
			driver != NULL && driver->dma_map != NULL && driver->dma_unmap != NULL,
		.has_map_memory = pci_ext_extension(driver) != NULL,
		.logs_refusals =
			driver != NULL && (driver->drv_flags & PCI_EXT_DRV_LOGS_REFUSALS) != 0,
		.on_vfio = pci->kdrv == RTE_PCI_KDRV_VFIO,
		.is_apart = pci_ext_groups_is_apart(dev->name),
	};
}

static int
dma_map(struct rte_device *dev, void *addr, uint64_t iova, size_t len)
{
	const struct pci_ext_memory memory = {addr, iova, len};
	struct pci_ext_target target;

	if (dev == NULL)
		return set_errno(-EINVAL);
	describe_device(dev, &target);
	return set_errno(pci_ext_dispatch_map(&target, &memory));
}

static int
dma_unmap(struct rte_device *dev, void *addr, uint64_t iova, size_t len)
{
	const struct pci_ext_memory memory = {addr, iova, len};
	struct pci_ext_target target;

	if (dev == NULL)
		return set_errno(-EINVAL);
	describe_device(dev, &target);
	return set_errno(pci_ext_dispatch_unmap(&target, &memory));
}

static bool
is_primary(void)
{
	return rte_eal_process_type() == RTE_PROC_PRIMARY;
}

/* After a probe, successful or not: what counts is whether a driver has claimed the device. */
static void
note_device(struct rte_device *dev)
{
	struct pci_ext_target target;

	describe_device(dev, &target);
	if (target.driver != NULL) {
		pci_ext_replay_attach(&target);
		if (target.on_vfio && !target.has_callbacks)
			pci_ext_pools_watch();
		return;
	}
	/* A failed probe may have left mappings. */
	pci_ext_replay_suspend(target.name);
	pci_ext_replay_detach(target.name);
	pci_ext_groups_leave(target.name);
}

/* was_open: its IOMMU group, before the probe. */
static void
note_group(struct rte_device *dev, bool was_open)
{
	const struct rte_pci_device *pci = PCI_EXT_TO_PCI(dev);

	if (pci_ext_compat_driver(pci) != NULL && pci->kdrv == RTE_PCI_KDRV_VFIO)
		pci_ext_groups_enter(dev->name, was_open);
}

/* At start, before an application can have bound a group. */
static void
note_first(struct rte_device *dev)
{
	note_group(dev, false);
	note_device(dev);
}

static int
match_any(const struct rte_device *dev, const void *data)
{
	return 0;
}

static void
for_each_device(void (*act)(struct rte_device *dev))
{
	struct rte_device *dev = NULL;

	while ((dev = saved.find_device(PCI_EXT_FIND_ARGS(hooked_bus, dev, match_any, NULL))) !=
		NULL)
		act(dev);
}

static int
probe(PCI_EXT_BUS_PARAMS)
{
	int ret;

	if (is_primary()) {
		pci_ext_replay_watch_memory();
		pci_ext_mp_serve_start(&for_all);
	}
	ret = saved.probe(PCI_EXT_BUS_ARGS);
	if (is_primary())
		for_each_device(note_first);
	return ret;
}

static int
plug(PCI_EXT_PLUG_PARAMS)
{
	const bool was_open = is_primary() && pci_ext_groups_is_open(dev->name);
	int ret = saved.PCI_EXT_PLUG(PCI_EXT_PLUG_ARGS);

	if (is_primary()) {
		note_group(dev, was_open);
		note_device(dev);
	}
	return ret;
}

static int
unplug(struct rte_device *dev)
{
	char name[PCI_EXT_NAME_SIZE];
	int ret;

	if (!is_primary() || is_cleaning)
		return saved.PCI_EXT_UNPLUG(dev);
	snprintf(name, sizeof(name), "%s", dev->name); /* up to 26.03 the bus frees dev */
	pci_ext_replay_suspend(name);
	ret = saved.PCI_EXT_UNPLUG(dev);
	if (ret == 0) {
		pci_ext_replay_detach(name);
		pci_ext_groups_leave(name);
	} else {
		note_device(dev);
	}
	return ret;
}

static void
suspend_device(struct rte_device *dev)
{
	pci_ext_replay_suspend(dev->name);
}

/*
 * Up to 26.03 the bus's cleanup calls driver->remove directly; from 26.07 on it calls unplug, and
 * frees the device even if that fails: unplug must not attach it again.
 */
static int
cleanup(PCI_EXT_BUS_PARAMS)
{
	int ret;

	if (!is_primary())
		return saved.cleanup(PCI_EXT_BUS_ARGS);
	pci_ext_mp_serve_stop();
	for_each_device(suspend_device);
	is_cleaning = true;
	ret = saved.cleanup(PCI_EXT_BUS_ARGS);
	is_cleaning = false;
	pci_ext_replay_clear();
	return ret;
}

/* EAL scans after all plugins are loaded and before it probes. */
static int
scan(void)
{
	struct pci_ext_driver_list *drivers = pci_ext_compat_drivers(hooked_bus);

	if (drivers != NULL)
		pci_ext_promote_drivers(drivers, hooked_bus);
	return saved.scan();
}

/* Whether another copy of this plugin, or a similar plugin, has replaced the ops. */
static bool
is_decorated(const struct rte_bus *bus)
{
	Dl_info bus_info, op_info;

	if (dladdr(bus, &bus_info) == 0 ||
		dladdr((const void *)(uintptr_t)bus->dma_map, &op_info) == 0)
		return false;
	if (bus_info.dli_fbase == op_info.dli_fbase)
		return false;
	PCI_EXT_LOG(bus_ops, ERR, "not loaded: %s has already replaced the ops of bus %s",
		op_info.dli_fname, bus->name);
	return true;
}

int
pci_ext_bus_ops_install(struct rte_bus *bus)
{
	if (hooked_bus != NULL)
		return -EALREADY;
	if (is_decorated(bus))
		return -EBUSY;
	saved = *bus;
	hooked_bus = bus;
	bus->scan = scan;
	bus->probe = probe;
	bus->PCI_EXT_PLUG = plug;
	bus->PCI_EXT_UNPLUG = unplug;
	bus->cleanup = cleanup;
	bus->dma_map = dma_map;
	bus->dma_unmap = dma_unmap;
	return 0;
}

static bool
is_ours(const struct rte_bus *bus)
{
	return bus->scan == scan && bus->probe == probe && bus->PCI_EXT_PLUG == plug &&
	       bus->PCI_EXT_UNPLUG == unplug && bus->cleanup == cleanup &&
	       bus->dma_map == dma_map && bus->dma_unmap == dma_unmap;
}

void
pci_ext_bus_ops_restore(void)
{
	/* A plugin that replaced the ops after this one may still call them. */
	if (hooked_bus == NULL || !is_ours(hooked_bus))
		return;
	hooked_bus->scan = saved.scan;
	hooked_bus->probe = saved.probe;
	hooked_bus->PCI_EXT_PLUG = saved.PCI_EXT_PLUG;
	hooked_bus->PCI_EXT_UNPLUG = saved.PCI_EXT_UNPLUG;
	hooked_bus->cleanup = saved.cleanup;
	hooked_bus->dma_map = saved.dma_map;
	hooked_bus->dma_unmap = saved.dma_unmap;
	hooked_bus = NULL;
}
