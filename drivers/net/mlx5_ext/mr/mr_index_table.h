/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mr_index_table.h - the memory of an index: a table that readers access without a lock, and how it
 * grows. mr_index.h has the threads, and what the parts mean.
 *
 * A replaced table must live until no reader uses it.
 */
#ifndef MLX5X_MR_INDEX_TABLE_H_
#define MLX5X_MR_INDEX_TABLE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A node has 64 slots. log2 of the bytes of one, by level. */
#define MLX5X_MR_INDEX_FANOUT 6
#define MLX5X_MR_INDEX_SLOTS (1u << MLX5X_MR_INDEX_FANOUT)
#define MLX5X_MR_INDEX_LINE 6
#define MLX5X_MR_INDEX_PAGE 12
#define MLX5X_MR_INDEX_CHUNK 18
#define MLX5X_MR_INDEX_BLOCK 24

/*
 * 2^32 over the golden ratio (Knuth 6.4, Fibonacci hashing): spreads consecutive blocks evenly, if
 * no other factor is involved.
 */
#define MLX5X_MR_INDEX_SCATTER 0x9e3779b9u

/* Half a cache line, as a cache miss dominates the cost of a look-up in a large index. */
struct mlx5x_mr_entry {
	uintptr_t start;
	size_t len;		/* 0: hidden, free, or a node's */
	uint32_t lkey;
	uint32_t node;		/* of a page or a line of several ranges; NONE: of a range */
	union {
		void *owner;		/* the writer's */
		size_t hidden_len;	/* of a hidden range */
	};
};

/* A cell of the table is a node, or holds eight entries. */
struct mlx5x_mr_node {
	uint32_t slots[MLX5X_MR_INDEX_SLOTS];
} __attribute__((aligned(64)));

/*
 * Nodes and entries refer to each other by offsets in bytes from the start of the table, which are
 * the same in a table that replaces it. At NONE are zeros, an empty node and an empty entry, so
 * that a look-up needs no branch for it.
 */
#define MLX5X_MR_INDEX_NONE 0u

struct mlx5x_mr_index_table {
	struct mlx5x_mr_node none;
	uint32_t *blocks;	/* the hash table: the nodes of the blocks */
	uint64_t *keys;		/* of blocks: number + 1; 0: free */
	uint32_t *links;	/* of a node: slots in use, or its successor in a list. Writer */
	uint32_t shift;		/* 32 - log2 of the slots of the hash table */
	uint32_t nb_cells;
	struct mlx5x_mr_node cells[];
};

/* The writer's: nodes or entries. */
struct mlx5x_mr_index_list {
	uint32_t free;		/* first of a list, or NONE */
	uint32_t nb_free;
	uint32_t removed;	/* first of a list: readers may still access them */
	uint32_t last_removed;
	uint32_t nb_removed;
};

struct mlx5x_mr_index {
	/* Readers acquire; pairs with the release in mlx5x_mr_index_replace(). Never NULL. */
	struct mlx5x_mr_index_table *table;
	struct mlx5x_mr_index_list nodes;
	struct mlx5x_mr_index_list entries;
	uint32_t nb_cells;	/* taken so far: nodes and entries return to their lists only */
	uint32_t nb_keys;	/* in the hash table */
	uint32_t nb_blocks;	/* of them with a node */
};

/* Where a look-up of an address begins in the hash table. */
static inline uint32_t
mlx5x_mr_index_home(const struct mlx5x_mr_index_table *table, uintptr_t addr)
{
	return (uint32_t)(addr >> MLX5X_MR_INDEX_BLOCK) * MLX5X_MR_INDEX_SCATTER >> table->shift;
}

static inline unsigned int
mlx5x_mr_index_nth(uintptr_t addr, unsigned int level)
{
	return addr >> level & (MLX5X_MR_INDEX_SLOTS - 1);
}

/* The slot of an address in a node. Acquire; pairs with the release of writers. */
static inline uint32_t
mlx5x_mr_index_slot(const struct mlx5x_mr_index_table *table, uint32_t node, uintptr_t addr,
	unsigned int level)
{
	uint32_t at = node + mlx5x_mr_index_nth(addr, level) * sizeof(uint32_t);

	return __atomic_load_n((const uint32_t *)((const char *)table + at), __ATOMIC_ACQUIRE);
}

static inline const struct mlx5x_mr_entry *
mlx5x_mr_index_entry(const struct mlx5x_mr_index_table *table, uint32_t entry)
{
	return (const void *)((const char *)table + entry);
}

/* What insertions need at most. */
struct mlx5x_mr_index_need {
	uint64_t ranges;
	uint64_t blocks;
};

/* 0 or -ENOMEM. */
int mlx5x_mr_index_init(struct mlx5x_mr_index *index);
void mlx5x_mr_index_fini(struct mlx5x_mr_index *index);

/* The need of n ranges that lie in the len bytes at start. */
struct mlx5x_mr_index_need mlx5x_mr_index_need(uintptr_t start, size_t len, size_t n);

/* True if so much can be inserted. Writer. */
bool mlx5x_mr_index_has_room(const struct mlx5x_mr_index *index,
	const struct mlx5x_mr_index_need *need);

/*
 * An empty table, not in use by any index, to replace the current one, with room for so much more.
 * sizes: of mlx5x_mr_index_size(), by the writer. NULL: no memory. Any thread.
 */
struct mlx5x_mr_index_sizes {
	uint64_t cells;
	uint32_t bits;		/* log2 of the slots of the hash table */
};
struct mlx5x_mr_index_sizes mlx5x_mr_index_size(const struct mlx5x_mr_index *index,
	const struct mlx5x_mr_index_need *need);
struct mlx5x_mr_index_table *mlx5x_mr_index_alloc(const struct mlx5x_mr_index_sizes *sizes);

/*
 * Writer: copies everything to the table and returns the old one, which the caller frees with
 * free() once no reader uses it. If the index has outgrown the table meanwhile, returns the table.
 */
struct mlx5x_mr_index_table *mlx5x_mr_index_replace(struct mlx5x_mr_index *index,
	struct mlx5x_mr_index_table *table);

#endif
