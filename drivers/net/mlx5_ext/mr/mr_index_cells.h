/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mr_index_cells.h - how the writer of an index takes nodes and entries, and gives them back. For
 * mr_index.c only.
 */
#ifndef MLX5X_MR_INDEX_CELLS_H_
#define MLX5X_MR_INDEX_CELLS_H_

#include "mr/mr_index_table.h"

#define NONE MLX5X_MR_INDEX_NONE
#define CELL ((uint32_t)sizeof(struct mlx5x_mr_node))
#define ENTRY ((uint32_t)sizeof(struct mlx5x_mr_entry))
#define FIRST_CELL ((uint32_t)offsetof(struct mlx5x_mr_index_table, cells))

static inline struct mlx5x_mr_entry *
entry_at(const struct mlx5x_mr_index *index, uint32_t entry)
{
	return (void *)((char *)index->table + entry);
}

static inline uint32_t *
slots_of(const struct mlx5x_mr_index *index, uint32_t node)
{
	return ((struct mlx5x_mr_node *)(void *)((char *)index->table + node))->slots;
}

/* Slots in use of the node, or its successor in a list. */
static inline uint32_t *
link_of(const struct mlx5x_mr_index *index, uint32_t node)
{
	return &index->table->links[(node - FIRST_CELL) / CELL];
}

static inline uint32_t
take_cell(struct mlx5x_mr_index *index)
{
	return FIRST_CELL + index->nb_cells++ * CELL;
}

static inline void
fill(uint32_t *slots, uint32_t value)
{
	unsigned int i;

	for (i = 0; i < MLX5X_MR_INDEX_SLOTS; i++)
		slots[i] = value;
}

/*
 * The successor of a node in a list is not in the node itself, which readers may still access; that
 * of an entry is its lkey, which they only read after its length.
 */
static inline uint32_t
take_node(struct mlx5x_mr_index *index)
{
	uint32_t node = index->nodes.free;

	if (node == NONE) {
		node = take_cell(index);
	} else {
		index->nodes.free = *link_of(index, node);
		index->nodes.nb_free--;
	}
	fill(slots_of(index, node), NONE);
	*link_of(index, node) = 0;
	return node;
}

static inline uint32_t
take_entry(struct mlx5x_mr_index *index)
{
	struct mlx5x_mr_index_list *list = &index->entries;
	uint32_t entry, cell;

	if (list->free == NONE) {
		cell = take_cell(index);
		for (entry = cell; entry != cell + CELL; entry += ENTRY) {
			entry_at(index, entry)->lkey = list->free;
			list->free = entry;
			list->nb_free++;
		}
	}
	entry = list->free;
	list->free = entry_at(index, entry)->lkey;
	list->nb_free--;
	return entry;
}

static inline void
add_removed(struct mlx5x_mr_index_list *list, uint32_t *link, uint32_t what)
{
	*link = list->removed;
	if (list->removed == NONE)
		list->last_removed = what;
	list->removed = what;
	list->nb_removed++;
}

static inline void
drop_node(struct mlx5x_mr_index *index, uint32_t node)
{
	add_removed(&index->nodes, link_of(index, node), node);
}

static inline void
drop_entry(struct mlx5x_mr_index *index, uint32_t entry)
{
	add_removed(&index->entries, &entry_at(index, entry)->lkey, entry);
}

static inline void
reclaim(struct mlx5x_mr_index_list *list, uint32_t *last_link)
{
	*last_link = list->free;
	list->free = list->removed;
	list->nb_free += list->nb_removed;
	list->removed = NONE;
	list->nb_removed = 0;
}

#endif
