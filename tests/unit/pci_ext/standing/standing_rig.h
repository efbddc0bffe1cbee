/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * standing_rig: standing.c, batch.c and replay.c on the real registry with fake backends, and
 * counters of what each device should have. No threads: the faults of the fake backends are the
 * calling one's.
 */
#ifndef STANDING_RIG_H
#define STANDING_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include "pci_ext.h"

#define STANDING_DEVICES 4
#define STANDING_RANGES	 3
#define STANDING_LEN	 0x40

extern const char *const standing_names[STANDING_DEVICES];
extern bool standing_is_served[STANDING_DEVICES]; /* by a backend, when it is plugged in */

/* What a range can be of. No two are the same memory. */
enum standing_kind {
	STANDING_PLAIN, /* what calls without a kind map */
	STANDING_READ,
	STANDING_DMABUF,
	STANDING_BEHIND, /* the same dma-buf from another offset */
	STANDING_KINDS,
};
struct pci_ext_memory standing_memory(int r, enum standing_kind kind);

/* What should be: whether a device is there, and whether it has the reference of a range. */
extern bool standing_present[STANDING_DEVICES];
extern bool standing_holds[STANDING_DEVICES][STANDING_RANGES];
/* References of single maps; of map_all; whether an unmap of it is to be repeated. */
extern unsigned int standing_own[STANDING_DEVICES][STANDING_RANGES];
extern unsigned int standing_count[STANDING_RANGES];
extern bool standing_is_ending[STANDING_RANGES];
/* Other memory is there, which no device has; nor has one single maps. */
extern bool standing_is_stale[STANDING_RANGES];
/* What a device has, if it has any reference; and what all devices are to have. */
extern enum standing_kind standing_kind_of[STANDING_DEVICES][STANDING_RANGES];
extern enum standing_kind standing_kind_of_all[STANDING_RANGES];
extern _Atomic int standing_reports; /* calls of the report of map_all and unmap_all */

/* Something maps the range for it before the bus knows that it has been plugged in. */
void standing_plug_and_map(int d, int r);

uint64_t standing_addr_of(int r);
void standing_plug(int d);
void standing_unplug(int d);
int standing_map_all(int r);
int standing_map_all_as(int r, enum standing_kind kind);
int standing_unmap_all(int r);
/* The references of a device to a range, and whether it is mapped. */
unsigned int standing_references(int d, int r, bool *is_mapped);
/* The registry and the backends have what should be, and no descriptor is left. */
void standing_check_all(void);

/* In a secondary process: what the primary one is asked for, and answers. */
extern bool standing_is_secondary;
extern char standing_asked; /* 'm' or 'u' */
extern struct pci_ext_memory standing_asked_memory;
extern int standing_answer;

/* Of cmocka. */
int standing_reset(void **state);
int standing_cleanup(void **state);

#endif /* STANDING_RIG_H */
