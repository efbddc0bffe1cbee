/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mr_index.h - finds the range that holds an address, for readers without a lock: a radix tree over
 * pages, below a hash table of blocks.
 *
 * The address space consists of blocks of 16 MiB, these of chunks of 256 KiB, and these of pages of
 * 4 KiB. The hash table has the blocks in use; a block has a node of 64 chunks, a chunk a node of
 * 64 pages, and a page has the entry of its range. A look-up compares only that entry, with the
 * address: it has no branch that depends on the sizes of the ranges. A range that fills chunks has
 * one node for all of them, and one for all blocks that it fills, so that 1 TiB has 65,536 blocks
 * and two nodes.
 *
 * Ranges are exact to the byte. A page of several has a node of 64 lines of 64 bytes, which costs a
 * look-up a step more, and a line of several a node of 64 bytes. These, and everything that is no
 * hit, the look-up finds by its slow path, mlx5x_mr_index_search(), which is bounded too.
 *
 * Why not a search by comparison: its branches are mispredicted, and it has more of them with more
 * ranges. Why not a hash table of ranges by classes of size: a look-up has to probe each class, and
 * cannot predict which one hits. Why not nodes of whole 2 MiB, with one level less: 2 KiB for a
 * range that has its 2 MiB alone, and 1 TiB would have 524,288 hashed chunks.
 *
 * Readers may run while the writer inserts, shows and removes. They must not run while it hides or
 * reclaims.
 *
 * Pure: libc only, knows nothing of verbs. One writer at a time.
 */
#ifndef MLX5X_MR_INDEX_H_
#define MLX5X_MR_INDEX_H_

#include "mr/mr_index_table.h"

/*
 * Writer, readers may run. Requires room: mlx5x_mr_index_has_room(). The range, of len >= 1 bytes,
 * must not overlap another one, hidden or not.
 */
void mlx5x_mr_index_insert(struct mlx5x_mr_index *index, uintptr_t start, size_t len,
	uint32_t lkey, void *owner);

/*
 * Hide, without readers: a range is not found any more, but keeps its place. Show, readers may run:
 * the reverse, which cannot fail. hide() of a hidden range changes nothing.
 */
void mlx5x_mr_index_hide(struct mlx5x_mr_index *index, uintptr_t start);
void mlx5x_mr_index_show(struct mlx5x_mr_index *index, uintptr_t start, uint32_t lkey, void *owner);

/*
 * Writer: removes a hidden range; readers may run. What it used can be used again after the next
 * reclaim, without readers, which takes constant time.
 */
void mlx5x_mr_index_remove(struct mlx5x_mr_index *index, uintptr_t start, size_t len);
void mlx5x_mr_index_reclaim(struct mlx5x_mr_index *index);

/* Reader: as mlx5x_mr_index_find(), for all addresses; slower. */
const struct mlx5x_mr_entry *mlx5x_mr_index_search(const struct mlx5x_mr_index_table *table,
	uintptr_t addr);

/*
 * Reader: the entry that the range of addr has, if the index is as it usually is: the block at its
 * home in the hash table, and no other range in the same 64 bytes. The caller compares the entry
 * with the address, which also tells if it is of another block. Never NULL.
 */
static inline const struct mlx5x_mr_entry *
mlx5x_mr_index_guess(const struct mlx5x_mr_index_table *table, uintptr_t addr)
{
	const struct mlx5x_mr_entry *entry;
	uint32_t at;

	at = __atomic_load_n(&table->blocks[mlx5x_mr_index_home(table, addr)], __ATOMIC_ACQUIRE);
	at = mlx5x_mr_index_slot(table, at, addr, MLX5X_MR_INDEX_CHUNK);
	at = mlx5x_mr_index_slot(table, at, addr, MLX5X_MR_INDEX_PAGE);
	entry = mlx5x_mr_index_entry(table, at);
	if (entry->node == MLX5X_MR_INDEX_NONE)
		return entry;
	at = mlx5x_mr_index_slot(table, entry->node, addr, MLX5X_MR_INDEX_LINE);
	return mlx5x_mr_index_entry(table, at);
}

/*
 * Of an entry that readers have. A hidden range has none. Acquire; pairs with the release in
 * mlx5x_mr_index_show().
 */
static inline size_t
mlx5x_mr_entry_len(const struct mlx5x_mr_entry *entry)
{
	return __atomic_load_n(&entry->len, __ATOMIC_ACQUIRE);
}

/* Reader: the range that holds addr, or NULL. Valid until the end of the reader's access. */
static inline const struct mlx5x_mr_entry *
mlx5x_mr_index_find(const struct mlx5x_mr_index *index, uintptr_t addr)
{
	const struct mlx5x_mr_index_table *table = __atomic_load_n(&index->table, __ATOMIC_ACQUIRE);
	const struct mlx5x_mr_entry *entry = mlx5x_mr_index_guess(table, addr);

	if (__builtin_expect(addr - entry->start < mlx5x_mr_entry_len(entry), 1))
		return entry;
	return mlx5x_mr_index_search(table, addr);
}

#endif
