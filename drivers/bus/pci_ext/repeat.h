/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * repeat: a log line that a loop of the application would write thousands of times a second is
 * written once a second, and tells how often it was not. Any thread; no lock.
 */
#ifndef PCI_EXT_REPEAT_H
#define PCI_EXT_REPEAT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether the line about the device of that name is due. If so, *skipped is how often it was not
 * since the last one. Devices are told apart by a hash of the name; if two have the same, the line
 * is of either.
 */
bool pci_ext_repeat_is_due(const char *name, uint64_t *skipped);

#endif /* PCI_EXT_REPEAT_H */
