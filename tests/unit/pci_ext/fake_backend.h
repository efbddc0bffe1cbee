/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two backends for tests, and their mappings: a naive list of ranges, which reports calls that a
 * correct caller never makes (an overlapping map, an unmap of an unmapped range). Each device of
 * the private backend has its own list; the shared one has one list for all, by IOVA.
 */
#ifndef FAKE_BACKEND_H
#define FAKE_BACKEND_H

#include "backend/backend.h"

#define FAKE_MAX  256
#define FAKE_PAGE 16

struct fake_space {
	struct pci_ext_range held[FAKE_MAX];
	int n;
	int violations; /* invalid calls */
};

extern const struct pci_ext_backend fake_private;
extern const struct pci_ext_backend fake_shared;
extern struct fake_space fake_shared_space;
/*
 * The next calls of this thread fail with this errno, unless it is 0; only the n-th from now on if
 * fake_fail_at is not 0.
 */
extern _Thread_local int fake_map_error, fake_unmap_error;
extern _Thread_local int fake_fail_at;
/* Called first in each map and unmap, unless NULL: may block. */
extern void (*fake_hook)(const struct pci_ext_target *target, const struct pci_ext_range *range);

/*
 * Memory for pci_ext_memory_is_current(): 256 bytes each, eight in rotation, and the registration
 * of each. A range has the registration of its first byte.
 */
extern _Atomic uint64_t fake_registrations[8];
uint64_t fake_registration(uint64_t addr);
/* Unregisters it and registers it again. */
void fake_register_anew(uint64_t addr);

/* What the last map_dmabuf was of. */
extern struct pci_ext_dmabuf fake_seen_dmabuf;

void fake_reset(void);
/*
 * Removes a device, up to detach. Returns the number of suspended mappings; *result: the last error
 * of a backend, or 0.
 */
int fake_suspend(const char *name, int *result);
/* Removes a device with detach, whatever the backends return: the number of suspended mappings. */
int fake_remove(const char *name);
/*
 * A target whose device is *space, for the private backend, which maps dma-bufs, and for reading;
 * any pointer for the shared one, which has no dma-bufs.
 */
struct pci_ext_target fake_target(const char *name, struct fake_space *space);
int fake_holds(const struct fake_space *space, uint64_t addr, uint64_t iova, uint64_t len);
/* The same with its access. */
int fake_has(const struct fake_space *space, const struct pci_ext_range *range);

#endif /* FAKE_BACKEND_H */
