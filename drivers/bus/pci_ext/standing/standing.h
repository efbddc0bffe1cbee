/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * standing: ranges that are mapped for every device, those that come included.
 *
 * A standing range has one reference on each device of the process that a backend serves. A device
 * that comes gets it as a PENDING record before it is attached, so that it is mapped with all else
 * that its name has; one that has mapped something on its way, right after. A device that is
 * removed keeps it, as it keeps all mappings.
 *
 * Calls of map and unmap run one at a time, and call backends. attach never waits for them.
 */
#ifndef PCI_EXT_STANDING_H
#define PCI_EXT_STANDING_H

#include <stdint.h>

#include "backend/backend.h"
#include "pci_ext.h"

/*
 * Map for every device, or for none: 0, or the error of a device, and nothing has been changed. Of
 * a range that is standing, one reference more; -EEXIST if it is of another access or dma-buf.
 * report may be NULL. -ENOMEM. In a secondary process the results are those of mp_ask.h, and
 * report is not called.
 */
int pci_ext_standing_map(const struct pci_ext_memory *memory, pci_ext_report_t report, void *arg);
/*
 * The reverse. With the last reference the range no longer stands; 0, or the first error, and then
 * it is still mapped for the devices that have returned one, for which the call may be repeated.
 * -ENOENT if there is no such range.
 */
int pci_ext_standing_unmap(const struct pci_ext_memory *memory, pci_ext_report_t report, void *arg);

/*
 * pci_ext_registry_attach() of a device that comes, with the standing ranges if a backend serves
 * it: no range that begins meanwhile misses it.
 */
int pci_ext_standing_attach(
	const struct pci_ext_target *target, const struct pci_ext_backend *backend);

/* [addr, addr + len) has been freed: a map of a range in it begins anew. Under EAL's memory lock.
 */
void pci_ext_standing_forget(uint64_t addr, uint64_t len);

/* Forget all of them, without unmapping. Waits for a map or unmap in progress. */
void pci_ext_standing_clear(void);

#endif /* PCI_EXT_STANDING_H */
