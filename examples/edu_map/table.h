/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * table: the mappings of one device, from an address of the process to one of the device.
 *
 * Two sets: what the application has mapped (counted, ended by its unmap alone), and what the
 * driver has mapped by itself of memory that EAL owns (ended when EAL gives it back). Neither has
 * overlaps inside. Look-ups try the first set first.
 *
 * The data path looks up inside its gate and takes no lock. Whoever changes a set holds the lock
 * and has closed the gate.
 *
 * Lock order: EAL's memory lock, the bus's lock, the table's lock, the gate. Pages are pinned,
 * memory is allocated and lines are logged outside the table's lock.
 */
#ifndef EDU_MAP_TABLE_H
#define EDU_MAP_TABLE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <bsd/sys/tree.h>

#include "mr/gate.h"
#include "hw.h"

/* >>> table */
struct edu_map {
	RB_ENTRY(edu_map) node;
	struct edu_range range;
	uint64_t address; /* of the first byte, for the device: this is the key */
	uint32_t refs;
};

RB_HEAD(edu_map_set, edu_map);

struct edu_table {
	struct edu_map_set mapped;  /* by the application */
	struct edu_map_set implied; /* by the driver, of EAL's memory */
	pthread_mutex_t lock;
	struct mlx5x_gate gate;
	/* Does the device own a buffer in the range? Called with the gate closed. */
	bool (*owns)(struct edu_table *table, const struct edu_range *range);
};
/* <<< table */

/* Never wraps. */
static inline bool
edu_range_touches(const struct edu_range *range, uintptr_t start, size_t len)
{
	return start >= range->start ? start - range->start < range->len
				     : range->start - start < len;
}

void edu_table_init(struct edu_table *table,
	bool (*owns)(struct edu_table *table, const struct edu_range *range));
/* Ends every mapping, the data path being gone. */
void edu_table_fini(struct edu_table *table);

/*
 * Map a range, or count one more reference of the very same. Any thread. 0; -EEXIST: it overlaps
 * *conflict; -EINVAL: the iova is not the address; else what edu_hw_map() says. After an error all
 * is as before.
 */
int edu_table_map(struct edu_table *table, const struct edu_range *range, uint64_t iova,
	struct edu_range *conflict);

/*
 * End one reference and, with the last, the mapping. Any thread. 0; -ENOENT: nothing is there;
 * -EINVAL: not exactly one mapping, the first touched is *conflict; -EBUSY: the device owns buffers
 * in it; else what edu_hw_unmap() says. After an error all is as before.
 */
int edu_table_unmap(struct edu_table *table, const struct edu_range *range, uint64_t iova,
	struct edu_range *conflict);

/* Map, for the driver, what part of the range is in neither set. 0 or -errno. */
int edu_table_cover(struct edu_table *table, const struct edu_range *range);
/* End what the driver has mapped in the range: its memory is about to go. */
void edu_table_forget(struct edu_table *table, const struct edu_range *range);

/* The mapping that holds the byte at addr, or NULL. Inside the gate, or under the lock. */
const struct edu_map *edu_table_find(struct edu_table *table, uintptr_t addr);

#endif /* EDU_MAP_TABLE_H */
