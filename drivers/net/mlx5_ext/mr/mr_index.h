/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mr_index.h - from an address to the range that holds it, for readers without a lock: a hash table
 * over ranges that are entered by their size.
 *
 * Sizes fall into classes, each four times the one before. A range is entered once for every
 * granule of its class that it touches, a granule being the smallest size of the class: five times
 * at most. A look-up probes each class that is in use, one or two as a rule, and compares the
 * ranges that it finds there. So look-up, insertion and removal cost the same however
 * many ranges there are; only doubling the table, every so often, does not.
 *
 * Readers may run while the owner inserts, since an entry is published by its length, as the
 * last word; not while it removes. A table that was replaced must live until no reader is in it.
 *
 * Pure: libc only, knows nothing of verbs. Writers are serialised by the owner.
 */
#ifndef MLX5X_MR_INDEX_H_
#define MLX5X_MR_INDEX_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The smallest class holds ranges below 256 bytes, in granules of 64. */
#define MLX5X_MR_INDEX_SHIFT 6
#define MLX5X_MR_INDEX_CLASSES 28
/* Entries of one range. */
#define MLX5X_MR_INDEX_SPREAD 5

/* Half a cache line, since the cost of a look-up among many is that of a cache miss. */
struct mlx5x_mr_entry {
	uintptr_t start;
	size_t len;		/* 0: free. Published last. */
	uint32_t lkey;
	uint32_t nth;		/* of the granules that the range touches */
	void *owner;		/* the writer's */
};

struct mlx5x_mr_index_table {
	uint32_t classes;	/* bit mask of those in use */
	uint16_t bits;		/* 1 << bits entries */
	uint16_t shift;		/* 64 - bits, for look-ups */
	size_t used;
	uint32_t counts[MLX5X_MR_INDEX_CLASSES];
	struct mlx5x_mr_entry entries[] __attribute__((aligned(64)));
};

struct mlx5x_mr_index {
	/* Readers acquire; pairs with the release in mlx5x_mr_index_replace(). Never NULL. */
	struct mlx5x_mr_index_table *table;
	size_t reserved;	/* entries that are not there, but have their room. Writer */
};

/* 0 or -ENOMEM. */
int mlx5x_mr_index_init(struct mlx5x_mr_index *index);
void mlx5x_mr_index_fini(struct mlx5x_mr_index *index);

/* True if n more ranges, whatever their size, can be inserted, beside what is reserved. Writer. */
bool mlx5x_mr_index_has_room(const struct mlx5x_mr_index *index, size_t n);

/* The size, as a power of two, of a table with room for n ranges more than index has. Writer. */
uint32_t mlx5x_mr_index_bits(const struct mlx5x_mr_index *index, size_t n);

/* An empty table of 1 << bits entries, or NULL. Any thread: it has nothing to do with an index yet. */
struct mlx5x_mr_index_table *mlx5x_mr_index_alloc(uint32_t bits);

/*
 * Writer: moves all to the table, which has at least mlx5x_mr_index_bits(), and returns the old one,
 * to be freed without readers.
 */
struct mlx5x_mr_index_table *mlx5x_mr_index_replace(struct mlx5x_mr_index *index,
	struct mlx5x_mr_index_table *table);

/* Writer, with readers: there is room. */
void mlx5x_mr_index_insert(struct mlx5x_mr_index *index, uintptr_t start, size_t len,
	uint32_t lkey, void *owner);

/* Writer, without readers: the range is there, of this owner. Returns how many entries it had. */
size_t mlx5x_mr_index_remove(struct mlx5x_mr_index *index, uintptr_t start, size_t len,
	void *owner);

/*
 * Writer: keeps room for n entries that were removed, so that they can be inserted again whatever
 * others insert meanwhile; and no longer, which is the step before that insertion.
 */
void mlx5x_mr_index_reserve(struct mlx5x_mr_index *index, size_t n);
void mlx5x_mr_index_unreserve(struct mlx5x_mr_index *index, size_t n);

/* Reader: a range that holds addr, or NULL. Good for as long as the reader is one. */
const struct mlx5x_mr_entry *mlx5x_mr_index_find(const struct mlx5x_mr_index *index,
	uintptr_t addr);

#endif
