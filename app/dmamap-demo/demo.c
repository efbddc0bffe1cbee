/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the phases of a run and the checks on a device's row.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_mbuf.h>

#include "demo.h"
#include "plugin.h"
#include "pool.h"
#include "reach.h"

static int
map_all(struct demo *demo)
{
	size_t i;
	int ret;

	for (i = 0; i < demo->list.n; i++) {
		ret = device_map(&demo->list.devices[i], demo->args);
		if (ret != 0) {
			snprintf(demo->error, sizeof(demo->error), "%s",
				demo->list.devices[i].row.error);
			return ret;
		}
	}
	return 0;
}

static int
make_pools(struct demo *demo, struct device *device, struct port *port)
{
	uint32_t n = port_buffers(port, demo->args->window);
	char *err = device->row.error;
	char name[RTE_MEMPOOL_NAMESIZE];

	snprintf(name, sizeof(name), "native_%u", port->id);
	port->native = pool_create_native(name, n, demo->args->packet_size, err,
		sizeof(device->row.error));
	if (port->native == NULL)
		return -ENOMEM;
	if (!device->row.mapped)
		return 0;
	snprintf(name, sizeof(name), "region_%u", port->id);
	port->pool = pool_create_on(&device->region, name, n, demo->args->packet_size, err,
		sizeof(device->row.error));
	port->sends = port->pool != NULL;
	return port->sends ? 0 : -ENOMEM;
}

static void
start_port(struct device *device, struct port *port, struct rte_mempool *rx_pool)
{
	int ret = port_start(port, rx_pool);

	if (ret != 0)
		device_fail(device, "cannot start port %u: %s", port->id, rte_strerror(-ret));
}

static void
open_port(struct demo *demo, struct device *device, struct port *port)
{
	int ret;

	port->software = device->software;
	port->dev = device->dev;
	port->query = plugin_query();
	port->region = &device->region;
	ret = port_configure(port, device->port_id, demo->args->packet_size);
	if (ret != 0)
		device_fail(device, "cannot configure port %u: %s", device->port_id,
			rte_strerror(-ret));
	else if (make_pools(demo, device, port) == 0)
		start_port(device, port, port->sends ? port->pool : port->native);
}

static void
open_dma(struct demo *demo, struct device *device, struct dmacopy *dma)
{
	char err[128];

	dma->id = device->dma_id;
	dma->region = &device->region;
	dma->args = demo->args;
	dma->run = demo->run;
	if (device->row.mapped && dmacopy_start(dma, err, sizeof(err)) != 0)
		device_fail(device, "%s", err);
}

static void
open_all(struct demo *demo)
{
	size_t i;

	for (i = 0; i < demo->list.n; i++) {
		struct device *device = &demo->list.devices[i];

		if (device->sort == DEVICE_PORT)
			open_port(demo, device, &demo->ports[i]);
		else if (device->sort == DEVICE_DMA)
			open_dma(demo, device, &demo->dmas[i]);
	}
	traffic_wait_links(&demo->traffic);
}

static void
move_data(struct demo *demo)
{
	size_t i;

	traffic_find_peers(&demo->traffic);
	traffic_run(&demo->traffic);
	for (i = 0; i < demo->list.n; i++)
		if (demo->dmas[i].started)
			dmacopy_run(&demo->dmas[i]);
}

/*
 * No queue owns buffers of the regions any more: a driver may refuse to unmap those, and a device
 * must not write into them afterwards.
 */
static void
leave_regions(struct demo *demo)
{
	size_t i;

	for (i = 0; i < demo->list.n; i++)
		port_stop(&demo->ports[i]);
	for (i = 0; i < demo->list.n; i++)
		if (demo->ports[i].configured && demo->ports[i].native != NULL)
			start_port(&demo->list.devices[i], &demo->ports[i], demo->ports[i].native);
	traffic_wait_links(&demo->traffic);
	traffic_cycle(&demo->traffic);
}

static void
unmap_all(struct demo *demo)
{
	size_t i;

	for (i = 0; i < demo->list.n; i++)
		if (demo->list.devices[i].row.mapped)
			device_unmap(&demo->list.devices[i]);
}

static enum reach
try_device(struct demo *demo, size_t i)
{
	struct device *device = &demo->list.devices[i];

	if (device->software)
		return REACH_SOFTWARE;
	if (device->sort == DEVICE_PORT && demo->ports[i].started && demo->ports[i].sends)
		return reach_try_port(&demo->traffic, &demo->ports[i]);
	if (device->sort == DEVICE_DMA && demo->dmas[i].started)
		return dmacopy_reach(&demo->dmas[i]);
	return REACH_UNPROVEN;
}

static void
try_all(struct demo *demo)
{
	size_t i;

	for (i = 0; i < demo->list.n; i++) {
		struct report_row *row = &demo->list.devices[i].row;
		enum reach reach;

		if (row->unmap_us < 0)
			continue;
		reach = try_device(demo, i);
		row->after_unmap = reach_text(reach);
		row->refused = reach_is_refusal(reach);
	}
}

void
demo_run(struct demo *demo)
{
	if (device_list_collect(&demo->list) != 0) {
		snprintf(demo->error, sizeof(demo->error), "no memory for the list of devices");
		return;
	}
	demo->ports = calloc(demo->list.n + 1, sizeof(*demo->ports));
	demo->dmas = calloc(demo->list.n + 1, sizeof(*demo->dmas));
	if (demo->ports == NULL || demo->dmas == NULL) {
		snprintf(demo->error, sizeof(demo->error), "no memory for the list of devices");
		return;
	}
	demo->traffic = (struct traffic){
		.ports = demo->ports, .n_ports = demo->list.n, .run = demo->run,
		.args = demo->args,
	};
	memkind_keep_below(demo->args->address_bits);
	if (map_all(demo) != 0) {
		unmap_all(demo);
		return;
	}
	open_all(demo);
	move_data(demo);
	leave_regions(demo);
	unmap_all(demo);
	try_all(demo);
}

/* The checks on a mapped device. The first failed one sets the row's error. */
static void
judge_row(struct device *device, const struct port *port, const struct dmacopy *dma,
	const struct args *args)
{
	struct report_row *row = &device->row;
	uint64_t tx_due = device->sort == DEVICE_DMA ? args->copies : args->packets;
	uint64_t rx_due = device->sort == DEVICE_DMA ? args->copies : port->rx_expected;

	if (device->sort == DEVICE_OTHER)
		device_fail(device, "neither an ethdev nor a dmadev: cannot move data");
	else if (device->sort == DEVICE_PORT && port->started && port->peer == NULL)
		device_fail(device, "no port of this process receives its packets: connect it to "
			"another port or in loopback");
	else if (device->sort == DEVICE_PORT && rx_due == 0)
		device_fail(device, "no port of this process sends to it");
	else if (row->tx != tx_due || row->rx != rx_due || row->verified != rx_due)
		device_fail(device, "%ju of %ju sent, %ju of %ju received, %ju verified",
			(uintmax_t)row->tx, (uintmax_t)tx_due, (uintmax_t)row->rx,
			(uintmax_t)rx_due, (uintmax_t)row->verified);
	else if (!row->refused && !device->software)
		device_fail(device, "after unmap: %s", row->after_unmap);
	row->ok = row->error[0] == '\0';
}

static void
fill_row(struct device *device, const struct port *port, const struct dmacopy *dma,
	const struct args *args)
{
	struct report_row *row = &device->row;

	row->tx = device->sort == DEVICE_DMA ? dma->tx : port->tx;
	row->rx = device->sort == DEVICE_DMA ? dma->rx : port->rx;
	row->verified = device->sort == DEVICE_DMA ? dma->verified : port->verified;
	if (row->mapped)
		judge_row(device, port, dma, args);
}

void
demo_report(struct demo *demo, struct report *report)
{
	struct report_row *rows = calloc(demo->list.n + 1, sizeof(*rows));
	size_t i;

	memset(report, 0, sizeof(*report));
	snprintf(report->error, sizeof(report->error), "%s", demo->error);
	for (i = 0; rows != NULL && i < demo->list.n; i++) {
		if (demo->error[0] == '\0')
			fill_row(&demo->list.devices[i], &demo->ports[i], &demo->dmas[i],
				demo->args);
		rows[i] = demo->list.devices[i].row;
		report->n_rows++;
	}
	report->rows = rows;
	report_judge(report);
}

void
demo_destroy(struct demo *demo)
{
	size_t i;

	for (i = 0; demo->ports != NULL && i < demo->list.n; i++)
		port_close(&demo->ports[i]);
	for (i = 0; demo->ports != NULL && i < demo->list.n; i++) {
		rte_mempool_free(demo->ports[i].pool);
		rte_mempool_free(demo->ports[i].native);
	}
	for (i = 0; demo->dmas != NULL && i < demo->list.n; i++)
		dmacopy_stop(&demo->dmas[i]);
	device_list_free(&demo->list);
	free(demo->ports);
	free(demo->dmas);
}
