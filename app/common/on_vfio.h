/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Whether a PCI device's kernel driver is vfio-pci. Any thread.
 */
#ifndef DMAMAP_ON_VFIO_H
#define DMAMAP_ON_VFIO_H

#include <stdbool.h>

/* False also if the device does not exist. */
bool on_vfio(const char *device);

#endif
