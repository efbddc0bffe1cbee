/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lock: the two kinds of lock of the registry.
 *
 * - THE table lock guards the devices, all records, the shared mappings and the device locks. It is
 *   a leaf, held for microseconds: nothing is called, allocated, logged or waited for under it.
 * - A device lock is held over one call of a backend, with the table lock free, so that a driver
 *   never sees two calls for one device at a time. Each device of a driver has its own; devices of
 *   a shared backend share one.
 *
 * A device lock is not a mutex but a flag under the table lock: taking it, and noting in a record
 * why, is one step, and so is the way back. Whoever waits for it then looks at everything anew.
 */
#ifndef PCI_EXT_LOCK_H
#define PCI_EXT_LOCK_H

#include <pthread.h>
#include <stdbool.h>

#include "backend.h"

struct pci_ext_device_lock {
	bool held;
	pthread_t holder; /* while held */
	unsigned int waiters;
	pthread_cond_t released;
};

#define PCI_EXT_DEVICE_LOCK_INITIALIZER                                                            \
	{                                                                                          \
		.released = PTHREAD_COND_INITIALIZER                                               \
	}

void pci_ext_table_lock(void);
void pci_ext_table_unlock(void);

/* Of a device that comes into the table, and that nobody uses any more. */
void pci_ext_device_lock_init(struct pci_ext_device_lock *lock);
void pci_ext_device_lock_destroy(struct pci_ext_device_lock *lock);

/* What pci_ext_device_lock_wait() returns when it has waited. Backends return nothing positive. */
#define PCI_EXT_AGAIN 1

/*
 * Wait until a held lock is released, or woken for nothing. The table lock is held before and
 * after, but not meanwhile: look anew at all that it guards. PCI_EXT_AGAIN; -EDEADLK when this very
 * thread holds the lock, being in a callback of the device's driver.
 */
int pci_ext_device_lock_wait(struct pci_ext_device_lock *lock);

/*
 * Call a backend's map or unmap. The table lock is held before and after, but not meanwhile; the
 * device lock is free before and after, and held meanwhile. Returns what the backend did.
 */
typedef int (*pci_ext_backend_call_t)(
	const struct pci_ext_target *target, const struct pci_ext_range *range);
int pci_ext_device_lock_call(struct pci_ext_device_lock *lock, pci_ext_backend_call_t call,
	const struct pci_ext_target *target, const struct pci_ext_range *range);

#endif /* PCI_EXT_LOCK_H */
