/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Which backend maps memory for a device: asked from pci_ext where it is loaded, else concluded.
 */
#ifndef DMAMAP_DEMO_BACKEND_H
#define DMAMAP_DEMO_BACKEND_H

#include <stdbool.h>
#include <stddef.h>

#include <rte_dev.h>

/*
 * Write "driver", "vfio" or "none" into name. mapped: whether rte_dev_dma_map() on it succeeded.
 * Returns true when "vfio" is only concluded from the kernel driver: a driver with a callback of
 * its own would come first, and the in-tree bus does not tell.
 */
bool backend_of(const struct rte_device *dev, bool mapped, char *name, size_t len);

#endif
