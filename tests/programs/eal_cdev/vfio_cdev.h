/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vfio_cdev: a PCI device on vfio-pci, opened as its own character device, /dev/vfio/devices/vfioN,
 * and attached to an address space of /dev/iommu. Linux 6.6. Any thread.
 */
#ifndef VFIO_CDEV_H
#define VFIO_CDEV_H

#include <stdint.h>

/*
 * Open the device at sysfs_base/address and attach it to the IOAS. Returns its file descriptor,
 * which ends all with close(), or -errno: -ENOENT if it has no character device.
 */
int vfio_cdev_open(const char *sysfs_base, const char *address, int iommufd, uint32_t ioas);

#endif
