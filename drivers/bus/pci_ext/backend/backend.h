/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A backend makes memory accessible for a device. dispatch selects one by match(), and it is called
 * only through this table; backends are independent of each other.
 *
 * Ranges have been checked not to wrap. A target describes a device without exposing DPDK's
 * structures. Results are 0 or a negative errno.
 */
#ifndef PCI_EXT_BACKEND_H
#define PCI_EXT_BACKEND_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/dmabuf.h"
#include "common/range.h"

struct rte_device;

/* A device at the time of a request. On the stack of the caller. */
struct pci_ext_target {
	struct rte_device *dev; /* opaque, except to the backends */
	const char *name;	/* PCI address, as DPDK writes it */
	const char *driver;	/* NULL: no driver has claimed it */
	bool has_callbacks;	/* the driver has both dma_map and dma_unmap */
	bool has_map_memory;	/* and dma_map_memory */
	bool logs_refusals;	/* the driver has PCI_EXT_DRV_LOGS_REFUSALS */
	bool on_vfio;		/* vfio-pci is its kernel driver */
	bool is_apart;		/* it is in a VFIO container of the application's own */
};

struct pci_ext_backend {
	const char *name;
	/*
	 * All devices share one address space, in which two mappings conflict when their IOVAs
	 * overlap. Otherwise each device has its own, and they conflict when their VAs overlap.
	 * There is one such address space: of several shared backends, one serves a process.
	 */
	bool shared;
	/*
	 * Whether it serves this device. The first match is used. The same answer while a driver
	 * holds the device. Any thread, in parallel with all calls here.
	 */
	bool (*match)(const struct pci_ext_target *target);
	/* addr, iova and len must be multiples of it. In bytes, a power of two. */
	uint64_t (*granule)(void);
	/*
	 * 0 or a negative errno of the public contract; an error has changed nothing. May sleep,
	 * allocate and log. One call at a time for a device, or for all devices of a shared
	 * backend; calls for other devices run in parallel. The target is valid until the call
	 * returns; if the backend is shared, its dev is NULL, as the device may be removed
	 * meanwhile. unmap of a range that is no longer mapped returns -ENOENT or 0. dmabuf: what
	 * the range is of, unless NULL; its descriptor is valid until the call returns. Not NULL,
	 * and range->access other than READ_WRITE, only for a target that has_map_memory; the
	 * access also for a shared backend.
	 */
	int (*map)(const struct pci_ext_target *target, const struct pci_ext_range *range,
		const struct pci_ext_dmabuf *dmabuf);
	int (*unmap)(const struct pci_ext_target *target, const struct pci_ext_range *range);
	/*
	 * Whether a mapping still exists, which something else may have ended: 0; 1, it did not and
	 * has been made again; or map's error, it does not. Called like map. NULL if nothing else
	 * can end a mapping.
	 */
	int (*confirm)(const struct pci_ext_target *target, const struct pci_ext_range *range);
	/*
	 * What map would return, as far as that can be known without it: 0, or its error. May
	 * sleep; any thread, in parallel with all calls here.
	 */
	int (*check)(const struct pci_ext_range *range);
	/*
	 * Write why map has refused the range with that negative errno: the limit and its present
	 * use, or the part of the range that is at fault, and what to do. Nothing if there is no
	 * more to say than the error's name. May sleep; any thread, in parallel with all calls
	 * here.
	 */
	void (*explain)(const struct pci_ext_range *range, int error, FILE *out);
};

/* backend_driver.c: the PCI driver's own callbacks. */
extern const struct pci_ext_backend pci_ext_backend_driver;

/* backend_iommufd.c: EAL's default container where it is an address space of /dev/iommu. Shared. */
extern const struct pci_ext_backend pci_ext_backend_iommufd;

/* backend_vfio.c: EAL's default container otherwise, /dev/vfio/vfio. Shared. */
extern const struct pci_ext_backend pci_ext_backend_vfio;

#endif /* PCI_EXT_BACKEND_H */
