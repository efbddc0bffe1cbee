/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * table: the mappings of one device, from addresses of the process to addresses of the device.
 *
 * Two sets: mappings of the application (with a reference count, ended by its unmaps only), and
 * implicit mappings of the driver, of memory that EAL owns (ended when EAL frees it). There is no
 * overlap within a set. Look-ups try the application's set first.
 *
 * The data path looks up inside its gate and takes no lock. A thread that changes a set holds the
 * lock and has closed the gate.
 *
 * Lock order: EAL's memory lock, the bus's lock, the table's lock, the gate. Pinning pages,
 * allocation and logging happen outside the table's lock.
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
	uint64_t address; /* of the first byte, for the device: corresponds to an lkey */
	uint32_t refs;
};

RB_HEAD(edu_map_set, edu_map);

struct edu_table {
	struct edu_map_set mapped;  /* by the application */
	struct edu_map_set implicit; /* by the driver, of EAL's memory */
	pthread_mutex_t lock;
	struct mlx5x_gate gate;
	/* True if the device owns a buffer in the range. Called with the gate closed. */
	bool (*owns)(struct edu_table *table, const struct edu_range *range);
};
/* <<< table */

/* True if the range overlaps the len bytes at start. Safe against overflow. */
static inline bool
edu_range_touches(const struct edu_range *range, uintptr_t start, size_t len)
{
	return start >= range->start ? start - range->start < range->len
				     : range->start - start < len;
}

void edu_table_init(struct edu_table *table,
	bool (*owns)(struct edu_table *table, const struct edu_range *range));
/* Ends all mappings. The data path must have stopped. */
void edu_table_fini(struct edu_table *table);

/*
 * Map a range, or add a reference to an identical mapping. Any thread. 0; -EEXIST: it overlaps
 * *conflict; -EINVAL: iova is not the address; or an error of edu_hw_map(). An error changes
 * nothing.
 */
int edu_table_map(struct edu_table *table, const struct edu_range *range, uint64_t iova,
	struct edu_range *conflict);

/*
 * Drop one reference and, with the last, end the mapping. Any thread. 0; -ENOENT: no mapping
 * overlaps; -EINVAL: not exactly one mapping, *conflict is the first that overlaps; -EBUSY: the
 * device owns buffers in it; or an error of edu_hw_unmap(). An error changes nothing.
 */
int edu_table_unmap(struct edu_table *table, const struct edu_range *range, uint64_t iova,
	struct edu_range *conflict);

/* Map implicitly all parts of the range that are in neither set. 0 or -errno. */
int edu_table_cover(struct edu_table *table, const struct edu_range *range);
/* End the implicit mappings that overlap the range: its memory is being freed. */
void edu_table_forget(struct edu_table *table, const struct edu_range *range);

/* The mapping that holds the byte at addr, or NULL. Inside the gate, or under the lock. */
const struct edu_map *edu_table_find(struct edu_table *table, uintptr_t addr);

#endif /* EDU_MAP_TABLE_H */
