/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * repeat: rate limit of a log line that a retry loop of the application would write thousands of
 * times a second: once a second, with the number of suppressed lines. Any thread; no lock.
 */
#ifndef PCI_EXT_REPEAT_H
#define PCI_EXT_REPEAT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether the line for the device of that name is due. If so, *skipped is the number of lines
 * suppressed since the last one. Devices are distinguished by a hash of 64 values of the name; two
 * with the same hash share one limit.
 */
bool pci_ext_repeat_is_due(const char *name, uint64_t *skipped);

#endif /* PCI_EXT_REPEAT_H */
