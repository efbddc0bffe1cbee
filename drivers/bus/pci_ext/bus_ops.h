/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bus_ops: our hooks in DPDK's PCI bus.
 */
#ifndef PCI_EXT_BUS_OPS_H
#define PCI_EXT_BUS_OPS_H

#include <stdbool.h>

struct rte_bus;

/*
 * Put our ops in place of the bus's. From a constructor: no other thread may use the bus yet.
 * Returns 0; -EALREADY when this copy of the plugin has done so; -EBUSY when the bus's ops belong
 * to something other than the bus, for instance to another copy of the plugin.
 */
int pci_ext_bus_ops_install(struct rte_bus *bus);

/* Give the bus its own ops back, unless somebody has replaced ours. Safe when not installed. */
void pci_ext_bus_ops_restore(void);

/*
 * Whether a driver was built outside of DPDK, judged by the files that the driver and the PCI bus
 * were loaded from. Pure.
 *
 * DPDK gives all shared libraries of one build the same version suffix (librte_bus_pci.so.23.0,
 * librte_net_mlx5.so.23.0). A driver that does not share the file of the bus, and whose file is
 * not named librte_*.so with the suffix of the bus, is not DPDK's. Paths are resolved ones: what a
 * symbolic link is called says nothing.
 */
bool pci_ext_bus_ops_is_foreign(const char *driver_file, const char *bus_file);

#endif /* PCI_EXT_BUS_OPS_H */
