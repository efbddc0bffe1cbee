/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * promote: moves drivers that are not DPDK's own to the head of the bus's list of drivers. The
 * first driver whose probe succeeds claims a device, and DPDK's own drivers, linked into many
 * programs, have registered before any plugin.
 */
#ifndef PCI_EXT_PROMOTE_H
#define PCI_EXT_PROMOTE_H

#include <stdbool.h>

#include "common/compat.h"

/*
 * Whether a driver was built outside of DPDK, judged by the files that the driver and the PCI bus
 * were loaded from. Pure.
 *
 * DPDK gives all shared libraries of one build the same version suffix (librte_bus_pci.so.23.0,
 * librte_net_mlx5.so.23.0). A driver is foreign if it is not in the file of the bus, and its file
 * is not named librte_*.so with the suffix of the bus. Both paths must be resolved: the name of a
 * symbolic link is arbitrary.
 */
bool pci_ext_promote_is_foreign(const char *driver_file, const char *bus_file);

/*
 * Move foreign drivers to the head of the list, keeping their order. bus: any address in the file
 * that the bus was loaded from. Changes nothing if they are there already.
 */
void pci_ext_promote_drivers(struct pci_ext_driver_list *list, const void *bus);

#endif /* PCI_EXT_PROMOTE_H */
