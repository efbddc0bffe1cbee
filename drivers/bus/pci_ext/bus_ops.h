/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bus_ops: our hooks in DPDK's PCI bus.
 */
#ifndef PCI_EXT_BUS_OPS_H
#define PCI_EXT_BUS_OPS_H

struct rte_bus;

/*
 * Put our ops in place of the bus's. From a constructor: no other thread may use the bus yet.
 * Returns 0; -EALREADY when this copy of the plugin has done so; -EBUSY when the bus's ops belong
 * to something other than the bus, for instance to another copy of the plugin.
 */
int pci_ext_bus_ops_install(struct rte_bus *bus);

/* Give the bus its own ops back, unless somebody has replaced ours. Safe when not installed. */
void pci_ext_bus_ops_restore(void);

#endif /* PCI_EXT_BUS_OPS_H */
