/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One log type per component, "bus.pci_ext.<component>": --log-level=bus.pci_ext.dispatch:debug for
 * one,
 * --log-level='bus.pci_ext*:debug' for all. A .c file registers its component once and logs with
 * its name; nothing logs under the table lock.
 *
 * ERR: a user must act. WARNING: a call was refused. DEBUG: what went well.
 */
#ifndef PCI_EXT_LOG_H
#define PCI_EXT_LOG_H

#include <rte_log.h>

/* RTE_LOG_REGISTER_DEFAULT cannot be used: out of DPDK's tree it has no name to give. */
#define PCI_EXT_LOG_REGISTER(component)                                                            \
	RTE_LOG_REGISTER(pci_ext_logtype_##component, bus.pci_ext.component, NOTICE)

/* Asks first: each map and unmap has a line that mostly nobody wants. */
#define PCI_EXT_LOG(component, level, fmt, ...)                                                    \
	do {                                                                                       \
		if (rte_log_can_log(pci_ext_logtype_##component, RTE_LOG_##level))                 \
			rte_log(RTE_LOG_##level, pci_ext_logtype_##component,                      \
				"pci_ext/" #component ": " fmt "\n", ##__VA_ARGS__);               \
	} while (0)

#endif /* PCI_EXT_LOG_H */
