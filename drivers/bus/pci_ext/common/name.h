/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * name: the PCI address of a device as the key of the registry. Pure; any thread.
 */
#ifndef PCI_EXT_NAME_H
#define PCI_EXT_NAME_H

#include "pci_ext.h"

/* Convert "03:00.0" or "0000:03:00.0" to the latter. 0; -EINVAL: NULL, or not a PCI address. */
int pci_ext_name_parse(const char *text, char name[PCI_EXT_NAME_SIZE]);

#endif /* PCI_EXT_NAME_H */
