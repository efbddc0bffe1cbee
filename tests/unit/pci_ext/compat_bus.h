/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A PCI bus for unit tests, with the lists and the state that the bus of this DPDK release has:
 * compat.h for the other side.
 */
#ifndef UNIT_COMPAT_BUS_H
#define UNIT_COMPAT_BUS_H

#include "common/compat.h"

#if RTE_VERSION >= RTE_VERSION_NUM(26, 7, 0, 0)

struct compat_bus {
	struct rte_bus bus;
};

#define COMPAT_DRIVERS(pci_bus) (&(pci_bus)->bus.driver_list)
#define COMPAT_LISTED(pci_driver) (&(pci_driver)->driver)
#define COMPAT_CALL(op, pci_bus) ((pci_bus)->bus.op(&(pci_bus)->bus))
/* The plugin's op passes the driver on, and so does the test's. */
#define COMPAT_CALL_PLUG(pci_bus, dev) ((pci_bus)->bus.probe_device(NULL, dev))

/* As EAL does before, and the bus in, probe_device. NULL: as both do when it fails. */
static inline void
compat_claim(struct rte_pci_device *dev, struct rte_pci_driver *driver)
{
	dev->device.driver = driver == NULL ? NULL : &driver->driver;
	dev->intr_handle = driver == NULL ? NULL : (void *)dev;
}

#else

#define compat_bus pci_ext_pci_bus
#define COMPAT_DRIVERS(pci_bus) (&(pci_bus)->driver_list)
#define COMPAT_LISTED(pci_driver) (pci_driver)
#define COMPAT_CALL(op, pci_bus) ((pci_bus)->bus.op())
#define COMPAT_CALL_PLUG(pci_bus, dev) ((pci_bus)->bus.plug(dev))

static inline void
compat_claim(struct rte_pci_device *dev, struct rte_pci_driver *driver)
{
	dev->driver = driver;
}

#endif

#endif /* UNIT_COMPAT_BUS_H */
