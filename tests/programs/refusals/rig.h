/* SPDX-License-Identifier: BSD-3-Clause */
/* rig.h - a device, and memory of this program for it, registered with EAL. One thread. */
#ifndef RIG_H
#define RIG_H

#include <stddef.h>
#include <stdint.h>

#include <rte_dev.h>

#define PAGES 4

struct rig {
	struct rte_device *dev;
	char *mem;	/* PAGES pages */
	size_t page;
	size_t len;	/* of all pages */
};

/* New memory; ends the program if there is none. */
void rig_make_memory(struct rig *rig);
void rig_free_memory(struct rig *rig);

/* The calls at iova = va: 0 or rte_errno. */
int rig_map(const struct rig *rig, size_t offset, size_t len);
int rig_unmap(const struct rig *rig, size_t offset, size_t len);
int rig_map_at(const struct rig *rig, uint64_t iova);

/*
 * The cases. Each returns the errno of the call that it is about, and leaves nothing mapped.
 * memory.c: what the memory is; container.c: what else is in VFIO's container.
 */
typedef int (*rig_case)(struct rig *rig);

int case_hole(struct rig *rig);
int case_guard_page(struct rig *rig);
int case_read_only(struct rig *rig);
int case_read_only_shared(struct rig *rig);
int case_end_of_file(struct rig *rig);
int case_device_memory(struct rig *rig);
int case_stale(struct rig *rig);
int case_heap_without_iovas(struct rig *rig);
int case_heap_page(struct rig *rig);
int case_reserved(struct rig *rig);

int case_foreign(struct rig *rig);
int case_gone(struct rig *rig);
int case_unmap_of_nothing(struct rig *rig);
/* Takes the device's name, not a probed device. */
int case_own_container(const char *device);

#endif
