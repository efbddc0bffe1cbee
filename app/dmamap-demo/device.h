/* SPDX-License-Identifier: BSD-3-Clause
 *
 * One device of the process with its own memory, and its results. Main thread only.
 */
#ifndef DMAMAP_DEMO_DEVICE_H
#define DMAMAP_DEMO_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include <rte_dev.h>

#include "args.h"
#include "region.h"
#include "report.h"

enum device_sort {
	DEVICE_PORT,	/* an ethdev */
	DEVICE_DMA,	/* a dmadev */
	DEVICE_OTHER,	/* on the PCI bus, but cannot move data: only map is tried */
};

struct device {
	struct rte_device *dev;
	enum device_sort sort;
	uint16_t port_id;
	int16_t dma_id;
	bool software;		/* not on PCI: the CPU carries the bytes */
	struct region region;
	struct report_row row;
};

struct device_list {
	struct device *devices;
	size_t n;
};

/*
 * Every PCI device, probed or not, then the ports of other buses. A device with two ports is
 * listed twice. Returns 0 or -ENOMEM; call device_list_free() in either case.
 */
int device_list_collect(struct device_list *list);
void device_list_free(struct device_list *list);

/*
 * Create the region and map it: row.mapped, row.map_us, row.backend, or row.error. A refusal by
 * the bus is no failure here. Returns 0, or -errno when there is no memory to map.
 */
int device_map(struct device *device, const struct args *args);

/* Sets row.unmap_us, or row.error. */
void device_unmap(struct device *device);

/* Set row.error unless it is set: the first error is the cause. */
void device_fail(struct device *device, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
