/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * telemetry: the plugin's commands, /pci_ext/info, /pci_ext/devices and /pci_ext/mappings.
 */
#ifndef PCI_EXT_TELEMETRY_H
#define PCI_EXT_TELEMETRY_H

/* Register the commands. Once, from a constructor: EAL's telemetry starts later. */
void pci_ext_telemetry_register(void);

#endif /* PCI_EXT_TELEMETRY_H */
