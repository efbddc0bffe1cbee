/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * registry: which ranges are wished for which device, and which of them are mapped.
 *
 * Concepts:
 * - A record is one range (addr, iova, len) of one device, with a number of references. Records are
 *   kept by the device's *name*, so they outlive it.
 * - A record is ACTIVE when a backend holds it, PENDING when the device is not there or the backend
 *   would not take it, BUSY while the backend is at work on it. record.h has the table.
 * - A device is ABSENT, PRESENT (a driver has claimed it) or LEAVING (about to be unplugged:
 *   nothing new is mapped).
 * - Devices of a shared backend have one address space: what they map at the same IOVA is one
 *   mapping, made for its first holder and ended with its last.
 *
 * Every function may be called from any thread, and has the results that it would have if calls had
 * been made one after the other. Lock order: EAL's hotplug and memory locks, the lock of a device,
 * whatever lock its driver takes in its callbacks, the table lock (lock.h). Functions that say so
 * call backends, under the lock of that device alone, and may wait for one that is at work for the
 * same device, or for another one of the same shared backend; they return -EDEADLK when the caller
 * is in such a call itself. The others never wait. Nothing is allocated, freed or logged under
 * the table lock. Lookups and changes cost O(log n). Ranges have been checked not to wrap.
 */
#ifndef PCI_EXT_REGISTRY_H
#define PCI_EXT_REGISTRY_H

#include "backend.h"
#include "conflict.h"
#include "pci_ext.h"

struct pci_ext_registry_totals {
	uint64_t devices; /* PRESENT ones, and those with records */
	uint64_t active;
	uint64_t pending;
	uint64_t active_bytes; /* as devices see them: shared memory counts once for each */
};

/*
 * Map and unmap one range, or count the references of an equal one. A target with dev set is taken
 * for PRESENT, served by backend; with dev NULL only its name counts, and the device is what it was
 * last known to be: if not PRESENT, the range is noted as PENDING.
 * registration is what the memory is to memory.h. What is in the way, and of memory that has gone,
 * is ended first, unless its backend answers EBUSY, which is the result then.
 * Return what pci_ext.h tells; *conflict says more about EEXIST, EINVAL and EBUSY, and what has
 * been ended. Both call backends.
 */
int pci_ext_registry_map(const struct pci_ext_target *target, const struct pci_ext_backend *backend,
	const struct pci_ext_range *range, uint64_t registration,
	struct pci_ext_conflict *conflict);
int pci_ext_registry_unmap(
	const char *name, const struct pci_ext_range *range, struct pci_ext_conflict *conflict);

/*
 * The device has come: PRESENT, served by backend, or by none (NULL). Records stay as they are.
 * target is copied; its dev and driver have to live until the device leaves. 0 or -ENOMEM.
 */
int pci_ext_registry_attach(
	const struct pci_ext_target *target, const struct pci_ext_backend *backend);
/* The device is about to go: LEAVING. */
void pci_ext_registry_leave(const char *name);
/* The device has gone: ABSENT. Nothing of it is ACTIVE any more, by suspend. */
void pci_ext_registry_detach(const char *name);

/*
 * Unmap the next ACTIVE record after *cursor and make it PENDING, also if the backend fails: the
 * device is going. First those whose backend is not shared, while the driver is there to unmap
 * them; when there are none left, no backend is at work for the device, and its struct rte_device
 * may go. Then, when the driver has stopped the device, the shared ones. Waits for a BUSY one.
 * Returns false when there is none, else *cursor is the record and *result 0 or the backend's
 * error. Calls backends.
 */
bool pci_ext_registry_suspend(
	const char *name, bool shared, struct pci_ext_cursor *cursor, int *result);
/*
 * Put the name of the next device after it into name, in the order of names; "" is before the
 * first. Returns false when there is none.
 */
bool pci_ext_registry_next_device(char name[PCI_EXT_NAME_SIZE]);

/* Put *cursor on the next PENDING record after it. Returns false when there is none. */
bool pci_ext_registry_next_pending(const char *name, struct pci_ext_cursor *cursor);
/*
 * Map a PENDING record of a PRESENT device. 0, also when it is ACTIVE; -ENOENT when it is gone, by
 * this very call if its memory is: conflict->ended tells. Calls backends.
 */
int pci_ext_registry_activate(
	const char *name, const struct pci_ext_range *range, struct pci_ext_conflict *conflict);
/* The memory of all records that touch [addr, addr + len) has gone. Never waits. */
void pci_ext_registry_forget(uint64_t addr, uint64_t len);
/* Forget a PENDING record with all its references. 0 or -ENOENT. */
int pci_ext_registry_drop(const char *name, const struct pci_ext_range *range);

/*
 * Forget every device and its PENDING records, calling no backend. After all have been suspended. A
 * device that another call is in stays until that has ended.
 */
void pci_ext_registry_clear(void);

/*
 * Copy the records of one device, or of all (name NULL), by device and address, into mappings, up
 * to max. Returns how many there are. The same for devices; name as above.
 */
size_t pci_ext_registry_copy_mappings(
	const char *name, struct pci_ext_mapping *mappings, size_t max);
size_t pci_ext_registry_copy_devices(const char *name, struct pci_ext_device *copies, size_t max);
void pci_ext_registry_count(struct pci_ext_registry_totals *totals);

#endif /* PCI_EXT_REGISTRY_H */
