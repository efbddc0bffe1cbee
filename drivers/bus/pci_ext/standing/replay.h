/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * replay: a device's mappings across hot-plug.
 */
#ifndef PCI_EXT_REPLAY_H
#define PCI_EXT_REPLAY_H

#include "backend/backend.h"

/* Watch EAL's memory for frees, once it is initialised. Safe to call again. */
void pci_ext_replay_watch_memory(void);

/*
 * A driver has claimed the device: map the PENDING ranges of its name. A range whose memory has
 * been unregistered since is dropped, also if other memory has been registered there. A failure
 * leaves the range PENDING and is logged; the probe does not fail. Safe to call again.
 */
void pci_ext_replay_attach(const struct pci_ext_target *target);

/*
 * The device's driver is about to be removed: make the driver's own mappings PENDING, and wait for
 * calls in progress. Errors of the driver are logged; the removal continues. Mappings of a shared
 * address space stay until detach: only the driver can stop the device, which otherwise continues
 * to access its buffers.
 */
void pci_ext_replay_suspend(const char *name);

/*
 * The driver has been removed, and the device may be freed: unmap the rest. After suspend; if the
 * removal failed, call attach instead.
 */
void pci_ext_replay_detach(const char *name);

/* The bus has cleaned up all devices, which were suspended: unmap the rest, remove all records. */
void pci_ext_replay_clear(void);

#endif /* PCI_EXT_REPLAY_H */
