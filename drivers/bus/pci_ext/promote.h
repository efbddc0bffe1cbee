/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * promote: drivers from outside of DPDK go first in the bus's list of drivers. The first driver
 * that takes a device wins, and DPDK's own, being linked into many programs, have registered before
 * any plugin.
 */
#ifndef PCI_EXT_PROMOTE_H
#define PCI_EXT_PROMOTE_H

#include <stdbool.h>

#include "compat.h"

/*
 * Whether a driver was built outside of DPDK, judged by the files that the driver and the PCI bus
 * were loaded from. Pure.
 *
 * DPDK gives all shared libraries of one build the same version suffix (librte_bus_pci.so.23.0,
 * librte_net_mlx5.so.23.0). A driver that does not share the file of the bus, and whose file is
 * not named librte_*.so with the suffix of the bus, is not DPDK's. Paths are resolved ones: what a
 * symbolic link is called says nothing.
 */
bool pci_ext_promote_is_foreign(const char *driver_file, const char *bus_file);

/*
 * Move the foreign ones to the head of the list, in the order they came in. bus: any address in the
 * file that the bus was loaded from. Changes nothing when they are there already.
 */
void pci_ext_promote_drivers(struct pci_ext_driver_list *list, const void *bus);

#endif /* PCI_EXT_PROMOTE_H */
