/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lock: the two kinds of lock of the registry.
 *
 * - THE table lock guards the devices, all records, the shared mappings and the device locks. It is
 *   a leaf, held for microseconds: no call of a backend, allocation, log line or wait under it.
 * - A device lock is held over one call of a backend, with the table lock free, so that a driver
 *   never has two concurrent calls for one device. Each device of a driver has its own; devices of
 *   a shared backend share one.
 *
 * A device lock is not a mutex but a flag guarded by the table lock: taking it and setting a record
 * BUSY is one critical section, and so is the release. After a wait for it, check everything again.
 */
#ifndef PCI_EXT_LOCK_H
#define PCI_EXT_LOCK_H

#include <pthread.h>
#include <stdbool.h>

#include "backend/backend.h"

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

/* For a device that enters the table, and for one that has left it. No thread may use it. */
void pci_ext_device_lock_init(struct pci_ext_device_lock *lock);
void pci_ext_device_lock_destroy(struct pci_ext_device_lock *lock);

/* Whether the calling thread holds it. The table lock is held. */
bool pci_ext_device_lock_is_mine(const struct pci_ext_device_lock *lock);

/* pci_ext_device_lock_wait() has waited: try again. No errno: backends return none above 0. */
#define PCI_EXT_AGAIN 1

/*
 * Wait until a held lock is released; wakeups may be spurious. The table lock is held before and
 * after, but not meanwhile: check again all that it guards. Returns PCI_EXT_AGAIN, or -EDEADLK if
 * the calling thread holds the lock, as in a callback of the device's driver.
 */
int pci_ext_device_lock_wait(struct pci_ext_device_lock *lock);

/*
 * Call a backend's map or unmap. The table lock is held before and after, but not meanwhile; the
 * device lock is free before and after, and held meanwhile. Returns the backend's result.
 */
typedef int (*pci_ext_backend_call_t)(
	const struct pci_ext_target *target, const struct pci_ext_range *range);
int pci_ext_device_lock_call(struct pci_ext_device_lock *lock, pci_ext_backend_call_t call,
	const struct pci_ext_target *target, const struct pci_ext_range *range);

/*
 * Its two halves, around a call of another form: enter takes the device lock and releases the table
 * lock, leave does the reverse.
 */
void pci_ext_device_lock_enter(struct pci_ext_device_lock *lock);
void pci_ext_device_lock_leave(struct pci_ext_device_lock *lock);

#endif /* PCI_EXT_LOCK_H */
