/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the list of devices, and the timed map and unmap of each.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_bus.h>
#include <rte_dmadev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include "backend.h"
#include "device.h"
#include "on_vfio.h"

static struct device *
list_add(struct device_list *list, struct rte_device *dev, enum device_sort sort)
{
	struct device *grown = realloc(list->devices, (list->n + 1) * sizeof(*grown));
	const struct rte_driver *driver = rte_dev_driver(dev);
	struct device *device;

	if (grown == NULL)
		return NULL;
	list->devices = grown;
	device = &grown[list->n++];
	memset(device, 0, sizeof(*device));
	device->dev = dev;
	device->sort = sort;
	device->row.unmap_us = -1;
	snprintf(device->row.name, sizeof(device->row.name), "%s", rte_dev_name(dev));
	if (driver != NULL)
		snprintf(device->row.driver, sizeof(device->row.driver), "%s",
			rte_driver_name(driver));
	return device;
}

static struct rte_device *
port_device(uint16_t port_id)
{
	struct rte_eth_dev_info info;

	return rte_eth_dev_info_get(port_id, &info) == 0 ? info.device : NULL;
}

static int
add_ports_of(struct device_list *list, struct rte_device *dev, bool software)
{
	struct device *device;
	uint16_t id;
	int n = 0;

	RTE_ETH_FOREACH_DEV(id) {
		if (port_device(id) != dev)
			continue;
		device = list_add(list, dev, DEVICE_PORT);
		if (device == NULL)
			return -ENOMEM;
		device->port_id = id;
		device->software = software;
		n++;
	}
	return n;
}

static int
add_pci_device(struct device_list *list, struct rte_device *dev)
{
	int dma_id = rte_dma_get_dev_id_by_name(rte_dev_name(dev));
	int n = add_ports_of(list, dev, false);
	struct device *device;

	if (n != 0)
		return n;
	device = list_add(list, dev, dma_id < 0 ? DEVICE_OTHER : DEVICE_DMA);
	if (device == NULL)
		return -ENOMEM;
	device->dma_id = (int16_t)dma_id;
	return 1;
}

static bool
is_pci(const struct rte_device *dev)
{
	return strcmp(rte_bus_name(rte_dev_bus(dev)), "pci") == 0;
}

/* A listed device has all its ports in the list. */
static bool
is_listed(const struct device_list *list, const struct rte_device *dev)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->devices[i].dev == dev)
			return true;
	return false;
}

int
device_list_collect(struct device_list *list)
{
	struct rte_dev_iterator it;
	struct rte_device *dev;
	uint16_t id;
	int ret = 0;

	RTE_DEV_FOREACH(dev, "bus=pci", &it)
		if (ret >= 0)
			ret = add_pci_device(list, dev);
	RTE_ETH_FOREACH_DEV(id) {
		dev = port_device(id);
		if (ret >= 0 && dev != NULL && !is_pci(dev) && !is_listed(list, dev))
			ret = add_ports_of(list, dev, true);
	}
	return ret < 0 ? ret : 0;
}

void
device_list_free(struct device_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		region_destroy(&list->devices[i].region);
	free(list->devices);
	memset(list, 0, sizeof(*list));
}

void
device_fail(struct device *device, const char *format, ...)
{
	va_list ap;

	if (device->row.error[0] != '\0')
		return;
	va_start(ap, format);
	vsnprintf(device->row.error, sizeof(device->row.error), format, ap);
	va_end(ap);
}

static double
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e6 + ts.tv_nsec / 1e3;
}

/* Refused because no backend serves the device: a correct result, not a failure. */
static bool
is_honest_refusal(const struct device *device, int error)
{
	/* The in-tree bus returns EINVAL for a device without a driver. */
	return error == -ENOTSUP || (error == -EINVAL && device->row.driver[0] == '\0');
}

static const char *
honest_reason(const struct report_row *row)
{
	return row->no_dmabufs ? "the device has no dma-bufs" : "no backend maps for this device";
}

/* ENOTSUP as in the contract: EOPNOTSUPP is the same number. */
static const char *
error_name(int error)
{
	const char *name = error == -ENOTSUP ? "ENOTSUP" : strerrorname_np(-error);

	return name != NULL ? name : "unknown error";
}

int
device_map(struct device *device, const struct args *args)
{
	struct report_row *row = &device->row;
	double start;
	int ret;

	snprintf(row->backend, sizeof(row->backend), "none");
	row->memory = memkind_name(args->memory);
	ret = region_create(&device->region, args->memory, args->size, row->error,
		sizeof(row->error));
	if (ret != 0)
		return ret;
	row->bytes = device->region.len;

	start = now_us();
	ret = region_map(&device->region, device->dev);
	row->map_us = now_us() - start;
	row->mapped = ret == 0;
	row->inferred = backend_of(device->dev, row->mapped, row->backend, sizeof(row->backend));
	row->refusal = -ret;
	row->unclaimed_vfio = row->driver[0] == '\0' && on_vfio(row->name);
	row->no_dmabufs = ret == -ENOTSUP && args->memory == MEMKIND_DMABUF &&
		strcmp(row->backend, "none") != 0;
	if (ret != 0) {
		row->ok = is_honest_refusal(device, ret);
		device_fail(device, "%s: map refused: %s", error_name(ret),
			row->ok ? honest_reason(row) : strerror(-ret));
	}
	return 0;
}

void
device_unmap(struct device *device)
{
	struct report_row *row = &device->row;
	double start = now_us();
	int ret;

	ret = region_unmap(&device->region, device->dev);
	if (ret == 0)
		row->unmap_us = now_us() - start;
	else
		device_fail(device, "%s: unmap failed: %s", error_name(ret), strerror(-ret));
}
