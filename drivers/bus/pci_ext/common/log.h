/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One log type per component, "bus.pci_ext.<component>": --log-level=bus.pci_ext.dispatch:debug for
 * one, --log-level='bus.pci_ext*:debug' for all. A .c file registers its component once and logs
 * with its name; nothing logs under the table lock.
 *
 * ERR: a user must act. WARNING: a call was refused. INFO: hot-plug, and an unmap to be retried
 * (EBUSY). DEBUG: successful calls.
 */
#ifndef PCI_EXT_LOG_H
#define PCI_EXT_LOG_H

#include <rte_log.h>

/* Not RTE_LOG_REGISTER_DEFAULT: its default name is defined by DPDK's own build only. */
#define PCI_EXT_LOG_REGISTER(component)                                                            \
	RTE_LOG_REGISTER(pci_ext_logtype_##component, bus.pci_ext.component, NOTICE)

/* Checks the level first: every map and unmap has a DEBUG line, usually disabled. */
#define PCI_EXT_LOG(component, level, fmt, ...)                                                    \
	PCI_EXT_LOG_AT(component, RTE_LOG_##level, fmt, ##__VA_ARGS__)

#define PCI_EXT_LOG_AT(component, level, fmt, ...)                                                 \
	do {                                                                                       \
		if (rte_log_can_log(pci_ext_logtype_##component, level))                           \
			rte_log(level, pci_ext_logtype_##component,                                \
				"pci_ext/" #component ": " fmt "\n", ##__VA_ARGS__);               \
	} while (0)

#endif /* PCI_EXT_LOG_H */
