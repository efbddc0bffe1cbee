/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Which backend maps memory for a device: asked from pci_ext where it is loaded, else concluded.
 */
#ifndef DMAMAP_DEMO_BACKEND_H
#define DMAMAP_DEMO_BACKEND_H

#include <stdbool.h>

#include <rte_dev.h>

/*
 * "driver", "vfio" or "none", a static string. mapped: the result of rte_dev_dma_map() on it.
 * *inferred is set for "vfio" when no bus told it but the kernel driver is vfio-pci: a driver with
 * a callback of its own would come first, and the in-tree bus does not tell.
 *
 * What is asked for is const char *pci_ext_backend_of(const struct rte_device *dev).
 */
const char *backend_of(const struct rte_device *dev, bool mapped, bool *inferred);

#endif
