/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * window: the IOVAs that an IOMMU accepts. Pure functions.
 */
#ifndef PCI_EXT_WINDOW_H
#define PCI_EXT_WINDOW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/range.h"

/* IOVAs [first, last]. */
struct pci_ext_window {
	uint64_t first;
	uint64_t last;
};

/* Of the windows in use: a page of interrupts in each, and what the devices reserve. */
#define PCI_EXT_WINDOWS_MAX 8

/* The windows of an IOMMU, in order. nb may exceed the array: the rest is not known. */
struct pci_ext_windows {
	unsigned int nb;
	struct pci_ext_window at[PCI_EXT_WINDOWS_MAX];
};

/* Whether the range lies within one window; true also if not all windows are known. */
bool pci_ext_windows_accept(
	const struct pci_ext_windows *windows, const struct pci_ext_range *range);

/* Write which windows there are, and what to do for a range that is outside of them. */
void pci_ext_windows_describe(const struct pci_ext_windows *windows, FILE *out);

#endif /* PCI_EXT_WINDOW_H */
