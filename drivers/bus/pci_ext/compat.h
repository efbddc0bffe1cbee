/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What differs between DPDK releases, and nothing else: every #if on a version is here.
 *
 * Tested with 22.11. The structures this file relies on are the same up to 26.03; 26.07 reworks
 * struct rte_bus and struct rte_pci_device and needs its own code.
 */
#ifndef PCI_EXT_COMPAT_H
#define PCI_EXT_COMPAT_H

#include <rte_version.h>
#include <rte_bus_pci.h>
#include <rte_telemetry.h>

#include <bus_driver.h>
#include <bus_pci_driver.h>

#if RTE_VERSION >= RTE_VERSION_NUM(26, 7, 0, 0)
#error "pci_ext does not support the bus of DPDK 26.07 and later yet"
#endif

RTE_TAILQ_HEAD(pci_ext_device_list, rte_pci_device);
RTE_TAILQ_HEAD(pci_ext_driver_list, rte_pci_driver);

/* DPDK's struct rte_pci_bus, which its headers keep private. */
struct pci_ext_pci_bus {
	struct rte_bus bus;
	struct pci_ext_device_list device_list;
	struct pci_ext_driver_list driver_list;
};

/*
 * The driver list of the PCI bus, or NULL if it is empty or not at the assumed offset: the first
 * element of a list points back at the list's head.
 */
static inline struct pci_ext_driver_list *
pci_ext_compat_drivers(struct rte_bus *bus)
{
	struct pci_ext_driver_list *list = &((struct pci_ext_pci_bus *)bus)->driver_list;
	struct rte_pci_driver *first = TAILQ_FIRST(list);

	if (first == NULL || first->next.tqe_prev != &list->tqh_first)
		return NULL;
	return list;
}

/* The driver that has claimed a device, or NULL. */
static inline const struct rte_pci_driver *
pci_ext_compat_driver(const struct rte_pci_device *pci)
{
	return pci->driver;
}

static inline int
pci_ext_compat_tel_add_u64(struct rte_tel_data *d, const char *name, uint64_t value)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
	return rte_tel_data_add_dict_uint(d, name, value);
#else
	return rte_tel_data_add_dict_u64(d, name, value);
#endif
}

#endif /* PCI_EXT_COMPAT_H */
