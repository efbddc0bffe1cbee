/* SPDX-License-Identifier: BSD-3-Clause */
/* The driver of a PCI device, which struct rte_device alone has from DPDK 26.07 on. */
#ifndef UNIT_COMPAT_PCI_H
#define UNIT_COMPAT_PCI_H

#include <bus_pci_driver.h>
#include <rte_version.h>

/* As the bus does before a probe. */
static inline void
compat_claim(struct rte_pci_device *dev, struct rte_pci_driver *driver)
{
	dev->device.driver = &driver->driver;
#if RTE_VERSION < RTE_VERSION_NUM(26, 7, 0, 0)
	dev->driver = driver;
#endif
}

#endif
