/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "mr/mr_index_table.h"

#define CELL sizeof(struct mlx5x_mr_node)
#define FIRST_CELLS 32
#define FIRST_BITS 8
#define CACHE_LINE 64
#define HUGE_PAGE (2u << 20)
/*
 * Of one range: at either end the nodes of a block, a chunk, a page and a line; the two that it
 * fills; and a cell of entries: its own, and at either end those of a page and a line of several
 * ranges.
 */
#define CELLS_OF_RANGE 11
/* Offsets have 32 bits. */
#define MAX_CELLS (((UINT64_C(1) << 32) - sizeof(struct mlx5x_mr_index_table)) / CELL)
/* 2 PiB. */
#define MAX_BITS 28

struct mlx5x_mr_index_need
mlx5x_mr_index_need(uintptr_t start, size_t len, size_t n)
{
	uintptr_t last = start + (len - 1);

	return (struct mlx5x_mr_index_need){
		.ranges = n,
		.blocks = (last >> MLX5X_MR_INDEX_BLOCK) - (start >> MLX5X_MR_INDEX_BLOCK) + 1,
	};
}

/*
 * The keys that a hash table takes. A look-up that does not find its block at once takes the slow
 * path, four times as long, and so do those of all buffers of that block: a table of up to 192 KiB,
 * of which a burst uses a few lines, is at most a sixteenth full. A larger one, which misses the
 * caches anyway, five eighths.
 */
#define SPARSE_BITS 14
static uint64_t
capacity_of(uint32_t bits)
{
	uint64_t slots = UINT64_C(1) << bits;

	return bits <= SPARSE_BITS ? slots / 16 : slots / 8 * 5;
}

/* Nodes that can be taken: free, or in cells that were not taken yet. */
static uint64_t
left_in(const struct mlx5x_mr_index *index)
{
	return index->nodes.nb_free + (index->table->nb_cells - index->nb_cells);
}

bool
mlx5x_mr_index_has_room(const struct mlx5x_mr_index *index, const struct mlx5x_mr_index_need *need)
{
	return left_in(index) >= need->ranges * CELLS_OF_RANGE &&
		index->nb_keys + need->blocks <= capacity_of(32 - index->table->shift);
}

static uint64_t
max_of(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

struct mlx5x_mr_index_sizes
mlx5x_mr_index_size(const struct mlx5x_mr_index *index, const struct mlx5x_mr_index_need *need)
{
	struct mlx5x_mr_index_sizes sizes = {
		.cells = index->table->nb_cells,
		.bits = 32 - index->table->shift,
	};
	uint64_t cells = need->ranges * CELLS_OF_RANGE, left = left_in(index);

	/* At least a quarter as many again, so that the cost per insertion is constant. */
	if (left < cells)
		sizes.cells += max_of(cells - left, sizes.cells / 4);
	if (index->nb_keys + need->blocks <= capacity_of(sizes.bits))
		return sizes;
	/* The keys of blocks without a node are dropped. Then a fifth is free at least. */
	while (sizes.bits <= MAX_BITS &&
			index->nb_blocks + need->blocks > capacity_of(sizes.bits) / 5 * 4)
		sizes.bits++;
	return sizes;
}

static size_t
round_up(size_t size, size_t unit)
{
	return (size + unit - 1) / unit * unit;
}

/*
 * Look-ups in a table of megabytes are random accesses: huge pages save their TLB misses. The table
 * is not aligned to them, which would allocate up to another one.
 */
static void *
alloc_pages(size_t size)
{
	void *memory = aligned_alloc(CACHE_LINE, round_up(size, CACHE_LINE));
	uintptr_t first = round_up((uintptr_t)memory, HUGE_PAGE);
	uintptr_t end = ((uintptr_t)memory + size) / HUGE_PAGE * HUGE_PAGE;

	/* An optimisation: its failure does no harm. */
	if (memory != NULL && first < end)
		madvise((void *)first, end - first, MADV_HUGEPAGE);
	return memory;
}

/* Cells are initialized when they are taken, so that unused ones need no memory. */
struct mlx5x_mr_index_table *
mlx5x_mr_index_alloc(const struct mlx5x_mr_index_sizes *sizes)
{
	size_t slots = (size_t)1 << sizes->bits, keys, blocks, links;
	struct mlx5x_mr_index_table *table;

	if (sizes->cells > MAX_CELLS || sizes->bits > MAX_BITS)
		return NULL;
	keys = sizeof(*table) + sizes->cells * CELL;
	blocks = keys + slots * sizeof(table->keys[0]);
	links = blocks + slots * sizeof(table->blocks[0]);
	table = alloc_pages(links + sizes->cells * sizeof(table->links[0]));
	if (table == NULL)
		return NULL;
	*table = (struct mlx5x_mr_index_table){
		.keys = (void *)((char *)table + keys),
		.blocks = (void *)((char *)table + blocks),
		.links = (void *)((char *)table + links),
		.shift = 32 - sizes->bits,
		.nb_cells = sizes->cells,
	};
	memset(table->keys, 0, links - keys);
	return table;
}

static void
copy_block(struct mlx5x_mr_index_table *table, uint64_t key, uint32_t node)
{
	uint32_t i = mlx5x_mr_index_home(table, (key - 1) << MLX5X_MR_INDEX_BLOCK);

	while (table->keys[i] != 0)
		i = (i + 1) & (UINT32_MAX >> table->shift);
	table->keys[i] = key;
	table->blocks[i] = node;
}

struct mlx5x_mr_index_table *
mlx5x_mr_index_replace(struct mlx5x_mr_index *index, struct mlx5x_mr_index_table *table)
{
	struct mlx5x_mr_index_table *old = index->table;
	uint32_t i;

	if (table->nb_cells < old->nb_cells || table->shift > old->shift)
		return table;
	for (i = 0; i <= UINT32_MAX >> old->shift; i++)
		if (old->blocks[i] != 0)
			copy_block(table, old->keys[i], old->blocks[i]);
	index->nb_keys = index->nb_blocks;
	memcpy(table->links, old->links, index->nb_cells * sizeof(table->links[0]));
	memcpy(table->cells, old->cells, index->nb_cells * CELL);
	/* Release; pairs with the acquire in mlx5x_mr_index_find(). */
	__atomic_store_n(&index->table, table, __ATOMIC_RELEASE);
	return old;
}

int
mlx5x_mr_index_init(struct mlx5x_mr_index *index)
{
	struct mlx5x_mr_index_sizes sizes = {FIRST_CELLS, FIRST_BITS};

	*index = (struct mlx5x_mr_index){0};
	index->table = mlx5x_mr_index_alloc(&sizes);
	return index->table != NULL ? 0 : -ENOMEM;
}

void
mlx5x_mr_index_fini(struct mlx5x_mr_index *index)
{
	free(index->table);
	index->table = NULL;
}
