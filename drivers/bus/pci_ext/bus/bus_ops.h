/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bus_ops: this plugin's hooks in DPDK's PCI bus.
 */
#ifndef PCI_EXT_BUS_OPS_H
#define PCI_EXT_BUS_OPS_H

struct rte_bus;

/*
 * Replace the bus's ops. From a constructor: no other thread may use the bus yet. Returns 0;
 * -EALREADY if this copy of the plugin has done so; -EBUSY if the ops have already been replaced,
 * for instance by another copy of the plugin.
 */
int pci_ext_bus_ops_install(struct rte_bus *bus);

/* Restore the bus's own ops, unless they have been replaced since. Safe when not installed. */
void pci_ext_bus_ops_restore(void);

#endif /* PCI_EXT_BUS_OPS_H */
