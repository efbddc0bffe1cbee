/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A backend is a way to make memory reachable for a device. dispatch chooses one by match() and
 * calls it only through this table; a backend knows nothing of the others.
 *
 * Everybody inside speaks in these terms: a range that has been checked not to wrap, a target that
 * describes a device without exposing DPDK's structures, and results of 0 or a negative errno.
 */
#ifndef PCI_EXT_BACKEND_H
#define PCI_EXT_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "range.h"

struct rte_device;

/* A device as it is at the moment of a request. Lives on the stack of the caller. */
struct pci_ext_target {
	struct rte_device *dev; /* opaque but for the backends */
	const char *name;	/* PCI address, as DPDK writes it */
	const char *driver;	/* NULL: no driver has claimed it */
	bool has_callbacks;	/* the driver has both dma_map and dma_unmap */
	bool on_vfio;		/* vfio-pci is its kernel driver */
};

struct pci_ext_backend {
	const char *name;
	/*
	 * All devices share one address space, in which two mappings conflict when their IOVAs
	 * overlap. Otherwise each device has its own, and they conflict when their VAs overlap.
	 */
	bool shared;
	/* Whether it serves this device. The first that matches is taken. */
	bool (*match)(const struct pci_ext_target *target);
	/* addr, iova and len have to be multiples of it, in bytes. */
	uint64_t (*granule)(void);
	/*
	 * 0 or a negative errno of the public contract; nothing has changed after an error. May
	 * sleep, allocate and log. Called in one thread at a time for one device, or for all that
	 * share a backend; for others at the same time. The target is valid until it returns; if
	 * the backend is shared, its dev is NULL, since the device may have gone by then. unmap of
	 * what is no longer mapped, whoever ended it, is -ENOENT or 0.
	 */
	int (*map)(const struct pci_ext_target *target, const struct pci_ext_range *range);
	int (*unmap)(const struct pci_ext_target *target, const struct pci_ext_range *range);
	/* Into buf: the limits that -ENOMEM may come from, with their present values. */
	void (*describe_limits)(char *buf, size_t size);
};

/* backend_driver.c: the PCI driver's own callbacks. */
extern const struct pci_ext_backend pci_ext_backend_driver;

/* backend_vfio.c: VFIO's default container. */
extern const struct pci_ext_backend pci_ext_backend_vfio;

#endif /* PCI_EXT_BACKEND_H */
