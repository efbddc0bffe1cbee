/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * replay: what becomes of a device's mappings when it comes and goes.
 */
#ifndef PCI_EXT_REPLAY_H
#define PCI_EXT_REPLAY_H

#include "backend.h"

/* EAL's memory is up: hear of what ends of it. Safe to call again. */
void pci_ext_replay_watch_memory(void);

/*
 * A driver has claimed the device: map what is PENDING for its name. A range whose memory has been
 * unregistered since is dropped, also if other memory has been registered there, since that belongs
 * to someone else by now. A failure leaves a range PENDING and is logged; it is no failure of the
 * device. Safe to call again.
 */
void pci_ext_replay_attach(const struct pci_ext_target *target);

/*
 * The device is about to lose its driver: unmap what the driver has mapped, which is PENDING then,
 * and wait for calls that are under way. Whatever a driver answers, its removal goes on. What is
 * mapped in an address space that devices share stays until detach: nobody but the driver can
 * stop the device, and one that is not stopped goes on reaching its buffers.
 */
void pci_ext_replay_suspend(const char *name);

/*
 * The device has lost its driver, and may have gone: unmap the rest. After suspend; if the driver
 * has stayed after all, attach again instead.
 */
void pci_ext_replay_detach(const char *name);

/* The bus has cleaned up all devices, each suspended before: unmap the rest, and forget everything.
 */
void pci_ext_replay_clear(void);

#endif /* PCI_EXT_REPLAY_H */
