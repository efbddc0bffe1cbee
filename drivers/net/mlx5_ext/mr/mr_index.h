/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mr_index.h - finds the range that holds an address, for readers without a lock: a hash table of
 * ranges by size class and granule.
 *
 * Sizes fall into classes, each four times the size of the one before. A range has one entry for
 * every granule of its class that it touches, five at most; a granule is the smallest size of the
 * class. A look-up probes each class in use, usually one or two, and compares the ranges in it. The
 * cost of look-up, insertion and removal does not depend on the number of ranges; only doubling the
 * table does. Example: 10 KiB at 0x5000 are of the class from 4 KiB to 16 KiB, with one entry each
 * for the granules 5, 6 and 7; a look-up of 0x6123 hashes granule 6.
 *
 * Readers may run while the writer inserts, as storing the length last publishes an entry. They
 * must not run while it removes. A replaced table must live until no reader uses it.
 *
 * Pure: libc only, knows nothing of verbs. One writer at a time.
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

/* Half a cache line, as a cache miss dominates the cost of a look-up in a large table. */
struct mlx5x_mr_entry {
	uintptr_t start;
	size_t len;		/* 0: free. Published last. */
	uint32_t lkey;
	uint32_t nth;		/* granule of the range, from 0 */
	void *owner;		/* the writer's */
};

struct mlx5x_mr_index_table {
	uint32_t nb_classes;	/* in use */
	uint16_t bits;		/* 1 << bits entries */
	uint16_t shift;		/* 64 - bits, for look-ups */
	/*
	 * The classes in use. No bit mask: BSF keeps its register's old value if the mask is 0, so
	 * that processors have it wait for that value, which may be the lkey of the look-up before.
	 */
	uint8_t classes[MLX5X_MR_INDEX_CLASSES];
	size_t used;
	uint32_t counts[MLX5X_MR_INDEX_CLASSES];
	struct mlx5x_mr_entry entries[] __attribute__((aligned(64)));
};

struct mlx5x_mr_index {
	/* Readers acquire; pairs with the release in mlx5x_mr_index_replace(). Never NULL. */
	struct mlx5x_mr_index_table *table;
	size_t reserved;	/* free entries kept for later insertions. Writer */
};

/* 0 or -ENOMEM. */
int mlx5x_mr_index_init(struct mlx5x_mr_index *index);
void mlx5x_mr_index_fini(struct mlx5x_mr_index *index);

/* True if n more ranges of any size can be inserted beside the reserved entries. Writer. */
bool mlx5x_mr_index_has_room(const struct mlx5x_mr_index *index, size_t n);

/* log2 of the entries of a larger table, with room for n more ranges than index has. Writer. */
uint32_t mlx5x_mr_index_bits(const struct mlx5x_mr_index *index, size_t n);

/* An empty table of 1 << bits entries, not in use by any index; NULL: no memory. Any thread. */
struct mlx5x_mr_index_table *mlx5x_mr_index_alloc(uint32_t bits);

/*
 * Writer: copies all entries to the table, of mlx5x_mr_index_bits() or more, and returns the old
 * one, which the caller frees once no reader uses it.
 */
struct mlx5x_mr_index_table *mlx5x_mr_index_replace(struct mlx5x_mr_index *index,
	struct mlx5x_mr_index_table *table);

/* Writer, readers may run. Requires room: mlx5x_mr_index_has_room(). */
void mlx5x_mr_index_insert(struct mlx5x_mr_index *index, uintptr_t start, size_t len,
	uint32_t lkey, void *owner);

/* Writer, no readers. The range must be there, of this owner. Returns how many entries it had. */
size_t mlx5x_mr_index_remove(struct mlx5x_mr_index *index, uintptr_t start, size_t len,
	void *owner);

/*
 * Writer: reserve the room of n removed entries, so that they can be inserted again whatever else
 * is inserted meanwhile; and end the reservation, right before that insertion.
 */
void mlx5x_mr_index_reserve(struct mlx5x_mr_index *index, size_t n);
void mlx5x_mr_index_unreserve(struct mlx5x_mr_index *index, size_t n);

/* Reader: the range that holds addr, or NULL. Valid until the end of the reader's access. */
const struct mlx5x_mr_entry *mlx5x_mr_index_find(const struct mlx5x_mr_index *index,
	uintptr_t addr);

#endif
