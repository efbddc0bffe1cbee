/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * registry: the requested ranges of each device, and which of them are mapped.
 *
 * Concepts:
 * - A record is one range (addr, iova, len) of one device, with a reference count. Records belong
 *   to the device's *name*, so they outlive the device.
 * - A record is ACTIVE when it is mapped by a backend, PENDING when the device is absent or the
 *   backend rejected the range, BUSY during a call of the backend. record.h has the state table.
 * - A device is ABSENT, PRESENT (a driver has claimed it) or LEAVING (being unplugged: new maps are
 *   refused).
 * - Devices of a shared backend have one address space: a range that several of them map is one
 *   mapping, made for its first holder and ended with its last.
 *
 * Any thread may call any function; concurrent calls have the results of some serial order. Lock
 * order: EAL's hotplug and memory locks, the lock of a device, any lock its driver takes in its
 * callbacks, the table lock (lock.h). Functions documented so call backends, under the lock of that
 * device alone, and may wait for a call for the same device, or for another one of the same shared
 * backend; they return -EDEADLK when called from a backend's callback for it. The others never
 * wait. Nothing is allocated, freed or logged under the table lock. Lookups and changes cost
 * O(log n). Ranges have been checked not to wrap.
 */
#ifndef PCI_EXT_REGISTRY_H
#define PCI_EXT_REGISTRY_H

#include "backend/backend.h"
#include "registry/conflict.h"
#include "common/lookup.h"
#include "pci_ext.h"

struct pci_ext_registry_totals {
	uint64_t devices; /* PRESENT ones, and those with records */
	uint64_t active;
	uint64_t pending;
	uint64_t active_bytes; /* memory shared by several devices counts once for each */
};

/*
 * Map and unmap one range, or count the references of an equal one. A target with dev set is
 * PRESENT, served by backend; with dev NULL only its name counts, and the device is as last known:
 * if it is not PRESENT, the range is recorded as PENDING.
 * registration identifies the memory (memory.h). Stale mappings that conflict are ended first; if
 * the backend returns EBUSY for one, that is the result.
 * dmabuf: the memory is of it, and the registry owns it from now on, whatever map returns; or NULL.
 * Of an equal range of another one, or of memory of the other kind, -EEXIST; -ENOTSUP if the
 * backend or the driver has no dma-bufs, which is in *conflict.
 * Return 0 or an error of pci_ext.h; *conflict describes map's EEXIST and EBUSY and unmap's EINVAL,
 * and the stale mappings that were ended. Both call backends.
 */
int pci_ext_registry_map(const struct pci_ext_target *target, const struct pci_ext_backend *backend,
	const struct pci_ext_range *range, uint64_t registration, struct pci_ext_dmabuf *dmabuf,
	struct pci_ext_conflict *conflict);
/*
 * What map by name would return now, without a call of the backend and without a change. *backend
 * is the one that would be called, or NULL. dmabuf: its memory, or NULL. May wait for a call for
 * the device. *conflict as map. If a stale mapping would be ended first, 0, whatever else is in the
 * way.
 */
int pci_ext_registry_check(const char *name, const struct pci_ext_range *range,
	uint64_t registration, const struct pci_ext_dmabuf *dmabuf,
	const struct pci_ext_backend **backend, struct pci_ext_conflict *conflict);
int pci_ext_registry_unmap(
	const char *name, const struct pci_ext_range *range, struct pci_ext_conflict *conflict);

/*
 * A driver has claimed the device: PRESENT, served by backend, or by none (NULL). Records are not
 * changed. target is copied; its dev and driver must be valid until detach. 0 or -ENOMEM.
 */
int pci_ext_registry_attach(
	const struct pci_ext_target *target, const struct pci_ext_backend *backend);
/* The device is about to be unplugged: LEAVING. */
void pci_ext_registry_leave(const char *name);
/* The device has been removed: ABSENT. All its records must have been suspended. */
void pci_ext_registry_detach(const char *name);

/*
 * Unmap the next ACTIVE record after *cursor and make it PENDING, also if the backend fails, as the
 * device is being removed. First the records of an unshared backend, while the driver can still
 * unmap them; when none is left, no backend call for the device is in progress, and its struct
 * rte_device may be freed. Then, after the driver has stopped the device, the shared ones. Waits
 * for a BUSY record. Returns false if there is none; else *cursor is the record and *result 0 or
 * the backend's error. Calls backends.
 */
bool pci_ext_registry_suspend(
	const char *name, bool shared, struct pci_ext_cursor *cursor, int *result);
/* Replace name by the next device's, ordered by name; "" is before the first. False at the end. */
bool pci_ext_registry_next_device(char name[PCI_EXT_NAME_SIZE]);

/* Advance *cursor to the next PENDING record. Returns false if there is none. */
bool pci_ext_registry_next_pending(const char *name, struct pci_ext_cursor *cursor);
/*
 * Map a PENDING record of a PRESENT device. 0, also if it is ACTIVE already; -ENOENT if it no
 * longer exists, or was stale and has been dropped by this call, counted in conflict->ended, or the
 * device is not PRESENT; or an error of pci_ext.h. Calls backends.
 */
int pci_ext_registry_activate(
	const char *name, const struct pci_ext_range *range, struct pci_ext_conflict *conflict);
/* [addr, addr + len) has been freed: all records that overlap it are stale. Never waits. */
void pci_ext_registry_forget(uint64_t addr, uint64_t len);
/* Remove a PENDING record with all its references. 0 or -ENOENT. */
int pci_ext_registry_drop(const char *name, const struct pci_ext_range *range);
/* The same if it is stale; else -ENOENT, too. */
int pci_ext_registry_drop_stale(const char *name, const struct pci_ext_range *range);

/*
 * Remove every device and its PENDING records, without calling a backend. To be called after all
 * have been suspended. A device in use by another call stays until that has ended.
 */
void pci_ext_registry_clear(void);

/*
 * Copy up to max records of one device, or of all (name NULL), ordered by device and address.
 * Returns how many there are, which may be more than max. The same for devices; name as above.
 */
size_t pci_ext_registry_copy_mappings(
	const char *name, struct pci_ext_mapping *mappings, size_t max);
size_t pci_ext_registry_copy_devices(const char *name, struct pci_ext_device *copies, size_t max);
void pci_ext_registry_count(struct pci_ext_registry_totals *totals);

/* Whether the device has a record of exactly this range. */
bool pci_ext_registry_has(const char *name, const struct pci_ext_range *range);
/* The same of a stale one. */
bool pci_ext_registry_has_stale(const char *name, const struct pci_ext_range *range);

/* Whether the calling thread is in a call of a backend, as in a driver's dma_map or dma_unmap. */
bool pci_ext_registry_is_calling(void);

/*
 * For published alone: changed is called after each transaction that may have changed which ranges
 * in [first, last] are ACTIVE for that device, or for any (name NULL), or whether it is PRESENT. By
 * the transaction's thread, before it returns, without the table lock; in parallel. Once; it must
 * not call the registry but to read.
 */
typedef void (*pci_ext_registry_changed_t)(const char *name, uint64_t first, uint64_t last);
void pci_ext_registry_watch(pci_ext_registry_changed_t changed);

struct pci_ext_registry_device {
	const struct rte_device *dev; /* NULL unless PRESENT */
	const struct pci_ext_backend *backend;
};

/*
 * Copy the device, and up to max of its records that are mapped, be they BUSY, and have an address
 * in [first, last], in order. Returns how many there are.
 */
size_t pci_ext_registry_copy_mapped(const char *name, uint64_t first, uint64_t last,
	struct pci_ext_registry_device *device, struct pci_ext_lookup_entry *entries, size_t max);

#endif /* PCI_EXT_REGISTRY_H */
