/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The backend that maps memory for a device: queried from pci_ext if it is loaded, else inferred.
 */
#ifndef DMAMAP_DEMO_BACKEND_H
#define DMAMAP_DEMO_BACKEND_H

#include <stdbool.h>
#include <stddef.h>

#include <rte_dev.h>

/*
 * Write "driver", "iommufd", "vfio" or "none" into name. mapped: whether rte_dev_dma_map() on it
 * succeeded.
 * Returns true if "vfio" is inferred from the kernel driver: a driver with its own callback would
 * take precedence, and the in-tree bus does not report it.
 */
bool backend_of(const struct rte_device *dev, bool mapped, char *name, size_t len);

#endif
