/* SPDX-License-Identifier: BSD-3-Clause */
#include "mr/mr_index.h"
#include "mr/mr_index_cells.h"

#define BLOCK ((uintptr_t)1 << MLX5X_MR_INDEX_BLOCK)

/* Addresses from first to last, which both belong to it. */
struct span {
	uintptr_t first;
	uintptr_t last;
};

/* A range that is being inserted or removed. */
struct place {
	struct mlx5x_mr_index *index;
	uint32_t entry;
	uint32_t full_pages;	/* the node of a chunk that it fills, or NONE */
	uint32_t full_chunks;	/* the node of a block that it fills, or NONE */
};

static void
set_slot(uint32_t *slot, uint32_t value)
{
	/* Release; pairs with the acquire in mlx5x_mr_index_slot(). */
	__atomic_store_n(slot, value, __ATOMIC_RELEASE);
}

static uintptr_t
mask_of(unsigned int level)
{
	return ((uintptr_t)1 << level) - 1;
}

void
mlx5x_mr_index_reclaim(struct mlx5x_mr_index *index)
{
	if (index->nodes.removed != NONE)
		reclaim(&index->nodes, link_of(index, index->nodes.last_removed));
	if (index->entries.removed != NONE)
		reclaim(&index->entries, &entry_at(index, index->entries.last_removed)->lkey);
}

/* The slot of the block of a key in the hash table, or the free one where it belongs. */
static uint32_t
find_block(const struct mlx5x_mr_index_table *table, uintptr_t addr)
{
	uint64_t key = (addr >> MLX5X_MR_INDEX_BLOCK) + 1, found;
	uint32_t i;

	for (i = mlx5x_mr_index_home(table, addr);; i = (i + 1) & (UINT32_MAX >> table->shift)) {
		/* Acquire; pairs with the release in set_block(). */
		found = __atomic_load_n(&table->keys[i], __ATOMIC_ACQUIRE);
		if (found == key || found == 0)
			return i;
	}
}

/* Readers do without a key for the block's node: only the slow path needs it. */
static void
set_block(struct mlx5x_mr_index *index, uintptr_t addr, uint32_t node)
{
	struct mlx5x_mr_index_table *table = index->table;
	uint32_t i = find_block(table, addr);

	if (table->keys[i] == 0)
		index->nb_keys++;
	index->nb_blocks += (node != NONE) - (table->blocks[i] != NONE);
	set_slot(&table->blocks[i], node);
	/* Release; pairs with the acquire in find_block(). */
	__atomic_store_n(&table->keys[i], (addr >> MLX5X_MR_INDEX_BLOCK) + 1, __ATOMIC_RELEASE);
}

static uint32_t
block_of(const struct mlx5x_mr_index_table *table, uintptr_t addr)
{
	return __atomic_load_n(&table->blocks[find_block(table, addr)], __ATOMIC_ACQUIRE);
}

static uint32_t
chunk_of(const struct mlx5x_mr_index_table *table, uintptr_t addr)
{
	return mlx5x_mr_index_slot(table, block_of(table, addr), addr, MLX5X_MR_INDEX_CHUNK);
}

/* The entry of an address of the chunk, also if its range is hidden or ends before it; or NONE. */
static uint32_t
entry_in(const struct mlx5x_mr_index_table *table, uint32_t chunk, uintptr_t addr)
{
	uint32_t at = mlx5x_mr_index_slot(table, chunk, addr, MLX5X_MR_INDEX_PAGE), node;
	unsigned int level;

	for (level = MLX5X_MR_INDEX_LINE;; level -= MLX5X_MR_INDEX_FANOUT) {
		node = mlx5x_mr_index_entry(table, at)->node;
		if (node == NONE)
			return at;
		at = mlx5x_mr_index_slot(table, node, addr, level);
	}
}

static uint32_t
locate(const struct mlx5x_mr_index_table *table, uintptr_t addr)
{
	return entry_in(table, chunk_of(table, addr), addr);
}

/* Writer: the entry of the range, hidden or not, that begins at an address, and the chunk there. */
static uint32_t
locate_range(const struct mlx5x_mr_index_table *table, uintptr_t start, uint32_t *chunk)
{
	uint32_t at = table->blocks[mlx5x_mr_index_home(table, start)];
	const struct mlx5x_mr_entry *entry;

	/* Usually it is that of this block; nothing else has a range that begins there. */
	*chunk = mlx5x_mr_index_slot(table, at, start, MLX5X_MR_INDEX_CHUNK);
	at = mlx5x_mr_index_slot(table, *chunk, start, MLX5X_MR_INDEX_PAGE);
	entry = mlx5x_mr_index_entry(table, at);
	if (entry->start == start && entry->node == NONE && at != NONE)
		return at;
	*chunk = chunk_of(table, start);
	return entry_in(table, *chunk, start);
}

const struct mlx5x_mr_entry *
mlx5x_mr_index_search(const struct mlx5x_mr_index_table *table, uintptr_t addr)
{
	const struct mlx5x_mr_entry *entry = mlx5x_mr_index_entry(table, locate(table, addr));

	/* Acquire; pairs with the release in mlx5x_mr_index_show(). */
	return addr - entry->start < __atomic_load_n(&entry->len, __ATOMIC_ACQUIRE) ? entry : NULL;
}

static bool
is_whole(const struct span *span, unsigned int level)
{
	return (span->first & mask_of(level)) == 0 && (~span->last & mask_of(level)) == 0;
}

/*
 * Cuts the first part off a span: all slots that it fills from there on, or its part of a slot that
 * it does not fill. False if that is all of it.
 */
static bool
cut(struct span *span, unsigned int level, struct span *part)
{
	uintptr_t end = span->first | mask_of(level);

	part->first = span->first;
	part->last = end < span->last ? end : span->last;
	if (is_whole(part, level))
		part->last = ((span->last + 1) & ~mask_of(level)) - 1;
	span->first = part->last + 1;
	return part->last != span->last;
}

static void put(const struct place *place, uint32_t node, unsigned int level, struct span span);

/* What a slot holds that the range fills. */
static uint32_t
whole_of(const struct place *place, unsigned int level)
{
	return level == MLX5X_MR_INDEX_CHUNK ? place->full_pages : place->entry;
}

/* The node, new, for several ranges in a slot that one range had. Returns the entry of the node. */
static uint32_t
share(const struct place *place, uint32_t old, unsigned int level, const struct span *span)
{
	struct mlx5x_mr_index *index = place->index;
	struct place other = {.index = index, .entry = old};
	const struct mlx5x_mr_entry *range = entry_at(index, old);
	uint32_t node = take_node(index), entry = take_entry(index);
	uintptr_t first = span->first & ~mask_of(level), last = span->first | mask_of(level);
	uintptr_t end = range->start + (range->len != 0 ? range->len : range->hidden_len) - 1;

	put(&other, node, level - MLX5X_MR_INDEX_FANOUT, (struct span){
		range->start > first ? range->start : first, end < last ? end : last});
	*entry_at(index, entry) = (struct mlx5x_mr_entry){.node = node};
	return entry;
}

/* A span in one slot, which it does not fill. */
static void
put_part(const struct place *place, uint32_t node, unsigned int level, const struct span *span)
{
	uint32_t *slot = &slots_of(place->index, node)[mlx5x_mr_index_nth(span->first, level)];
	uint32_t now = *slot, below;

	if (now == NONE)
		++*link_of(place->index, node);
	if (level == MLX5X_MR_INDEX_CHUNK) {
		below = now != NONE ? now : take_node(place->index);
		now = below;
	} else if (now == NONE) {
		set_slot(slot, place->entry);
		return;
	} else {
		if (entry_at(place->index, now)->node == 0)
			now = share(place, now, level, span);
		below = entry_at(place->index, now)->node;
	}
	put(place, below, level - MLX5X_MR_INDEX_FANOUT, *span);
	set_slot(slot, now);
}

/* Slots that the span fills, of the same level. */
static void
set_whole(struct mlx5x_mr_index *index, uint32_t node, unsigned int level,
	const struct span *span, uint32_t value)
{
	uint32_t *slot = &slots_of(index, node)[mlx5x_mr_index_nth(span->first, level)];
	uint32_t n = ((span->last - span->first) >> level) + 1;

	*link_of(index, node) += value != NONE ? n : -n;
	for (; n >= 4; n -= 4, slot += 4) {
		set_slot(&slot[0], value);
		set_slot(&slot[1], value);
		set_slot(&slot[2], value);
		set_slot(&slot[3], value);
	}
	for (; n != 0; n--)
		set_slot(slot++, value);
}

static void
put(const struct place *place, uint32_t node, unsigned int level, struct span span)
{
	struct span part;
	bool more;

	do {
		more = cut(&span, level, &part);
		if (is_whole(&part, level))
			set_whole(place->index, node, level, &part, whole_of(place, level));
		else
			put_part(place, node, level, &part);
	} while (more);
}

/* Whole pages of one chunk, as most ranges are: there is a short way for these. */
static bool
is_pages(const struct span *span)
{
	return is_whole(span, MLX5X_MR_INDEX_PAGE) &&
		(span->first ^ span->last) >> MLX5X_MR_INDEX_CHUNK == 0;
}

static void
put_pages(struct mlx5x_mr_index *index, const struct span *span, uint32_t entry)
{
	uint32_t block = block_of(index->table, span->first), chunk, *slot;
	bool is_new = block == NONE;

	if (is_new)
		block = take_node(index);
	slot = &slots_of(index, block)[mlx5x_mr_index_nth(span->first, MLX5X_MR_INDEX_CHUNK)];
	chunk = *slot;
	if (chunk == NONE) {
		chunk = take_node(index);
		++*link_of(index, block);
	}
	set_whole(index, chunk, MLX5X_MR_INDEX_PAGE, span, entry);
	set_slot(slot, chunk);
	if (is_new)
		set_block(index, span->first, block);
}

static void
put_blocks(const struct place *place, struct span span)
{
	struct mlx5x_mr_index *index = place->index;
	struct span part;
	uint32_t node;
	uintptr_t at;
	bool more;

	do {
		more = cut(&span, MLX5X_MR_INDEX_BLOCK, &part);
		if (is_whole(&part, MLX5X_MR_INDEX_BLOCK)) {
			for (at = part.first; at - 1 != part.last; at += BLOCK)
				set_block(index, at, place->full_chunks);
			continue;
		}
		node = block_of(index->table, part.first);
		if (node == NONE)
			node = take_node(index);
		put(place, node, MLX5X_MR_INDEX_CHUNK, part);
		set_block(index, part.first, node);
	} while (more);
}

/* True if the span fills a slot of the level; then its first one is *at. */
static bool
fills(const struct span *span, unsigned int level, uintptr_t *at)
{
	*at = (span->first + mask_of(level)) & ~mask_of(level);
	return *at >= span->first && *at <= span->last && span->last - *at >= mask_of(level);
}

/* A new node with one value in all slots; NONE if the span fills no slot of the level. */
static uint32_t
fill_node(struct mlx5x_mr_index *index, const struct span *span, unsigned int level, uint32_t value)
{
	uint32_t node;
	uintptr_t at;

	if (!fills(span, level, &at))
		return NONE;
	node = take_node(index);
	fill(slots_of(index, node), value);
	return node;
}

void
mlx5x_mr_index_insert(struct mlx5x_mr_index *index, uintptr_t start, size_t len, uint32_t lkey,
	void *owner)
{
	struct place place = {.index = index, .entry = take_entry(index)};
	struct span span = {start, start + (len - 1)};

	*entry_at(index, place.entry) = (struct mlx5x_mr_entry){
		.start = start, .len = len, .lkey = lkey, .owner = owner};
	if (is_pages(&span)) {
		put_pages(index, &span, place.entry);
		return;
	}
	place.full_pages = fill_node(index, &span, MLX5X_MR_INDEX_CHUNK, place.entry);
	place.full_chunks = fill_node(index, &span, MLX5X_MR_INDEX_BLOCK, place.full_pages);
	put_blocks(&place, span);
}

void
mlx5x_mr_index_hide(struct mlx5x_mr_index *index, uintptr_t start)
{
	uint32_t chunk;
	struct mlx5x_mr_entry *entry = entry_at(index, locate_range(index->table, start, &chunk));

	/* For the removal that follows, usually. */
	__builtin_prefetch(link_of(index, chunk), 1);
	if (entry->len == 0)
		return;
	entry->hidden_len = entry->len;
	entry->len = 0;
}

void
mlx5x_mr_index_show(struct mlx5x_mr_index *index, uintptr_t start, uint32_t lkey, void *owner)
{
	uint32_t chunk;
	struct mlx5x_mr_entry *entry = entry_at(index, locate_range(index->table, start, &chunk));
	size_t len = entry->hidden_len;

	entry->lkey = lkey;
	entry->owner = owner;
	/* Release; pairs with the acquire of readers. */
	__atomic_store_n(&entry->len, len, __ATOMIC_RELEASE);
}

static void take(const struct place *place, uint32_t node, unsigned int level, struct span span);

/* The entry of the only range in a node of a page or a line; NONE: it has several. */
static uint32_t
only_range_of(const struct mlx5x_mr_index *index, uint32_t node)
{
	const uint32_t *slots = slots_of(index, node);
	uint32_t entry = NONE, i;

	for (i = 0; i < MLX5X_MR_INDEX_SLOTS; i++) {
		if (slots[i] == NONE)
			continue;
		if (entry_at(index, slots[i])->node != 0 || (entry != NONE && entry != slots[i]))
			return NONE;
		entry = slots[i];
	}
	return entry;
}

/* What is left for a slot whose ranges below have changed. Drops what it does not need any more. */
static uint32_t
merge(const struct place *place, unsigned int level, uint32_t now, uint32_t below)
{
	struct mlx5x_mr_index *index = place->index;
	bool is_used = *link_of(index, below) != 0;
	uint32_t left = NONE;

	if (is_used && level <= MLX5X_MR_INDEX_PAGE)
		left = only_range_of(index, below);
	if (is_used && left == NONE)
		return now;
	if (level <= MLX5X_MR_INDEX_PAGE)
		drop_entry(index, now);
	drop_node(index, below);
	return left;
}

static void
take_part(const struct place *place, uint32_t node, unsigned int level, const struct span *span)
{
	uint32_t *slot = &slots_of(place->index, node)[mlx5x_mr_index_nth(span->first, level)];
	uint32_t below = level == MLX5X_MR_INDEX_CHUNK ? *slot :
		entry_at(place->index, *slot)->node;
	uint32_t left = NONE;

	if (below != NONE) {
		take(place, below, level - MLX5X_MR_INDEX_FANOUT, *span);
		left = merge(place, level, *slot, below);
	}
	set_slot(slot, left);
	if (left == NONE)
		--*link_of(place->index, node);
}

static void
take(const struct place *place, uint32_t node, unsigned int level, struct span span)
{
	struct span part;
	bool more;

	do {
		more = cut(&span, level, &part);
		if (is_whole(&part, level))
			set_whole(place->index, node, level, &part, NONE);
		else
			take_part(place, node, level, &part);
	} while (more);
}

static void
take_pages(struct mlx5x_mr_index *index, const struct span *span, uint32_t chunk)
{
	uint32_t block, *slot;

	set_whole(index, chunk, MLX5X_MR_INDEX_PAGE, span, NONE);
	if (*link_of(index, chunk) != 0)
		return;
	block = block_of(index->table, span->first);
	slot = &slots_of(index, block)[mlx5x_mr_index_nth(span->first, MLX5X_MR_INDEX_CHUNK)];
	set_slot(slot, NONE);
	drop_node(index, chunk);
	if (--*link_of(index, block) != 0)
		return;
	set_block(index, span->first, NONE);
	drop_node(index, block);
}

static void
take_blocks(const struct place *place, struct span span)
{
	struct mlx5x_mr_index *index = place->index;
	struct span part;
	uint32_t node;
	uintptr_t at;
	bool more;

	do {
		more = cut(&span, MLX5X_MR_INDEX_BLOCK, &part);
		if (is_whole(&part, MLX5X_MR_INDEX_BLOCK)) {
			for (at = part.first; at - 1 != part.last; at += BLOCK)
				set_block(index, at, NONE);
			continue;
		}
		node = block_of(index->table, part.first);
		take(place, node, MLX5X_MR_INDEX_CHUNK, part);
		if (*link_of(index, node) != 0)
			continue;
		set_block(index, part.first, NONE);
		drop_node(index, node);
	} while (more);
}

void
mlx5x_mr_index_remove(struct mlx5x_mr_index *index, uintptr_t start, size_t len)
{
	struct place place = {.index = index, .full_pages = NONE, .full_chunks = NONE};
	struct span span = {start, start + (len - 1)};
	uint32_t chunk;
	uintptr_t at;

	place.entry = locate_range(index->table, start, &chunk);
	drop_entry(index, place.entry);
	if (is_pages(&span)) {
		take_pages(index, &span, chunk);
		return;
	}
	if (fills(&span, MLX5X_MR_INDEX_CHUNK, &at))
		place.full_pages = chunk_of(index->table, at);
	if (fills(&span, MLX5X_MR_INDEX_BLOCK, &at))
		place.full_chunks = block_of(index->table, at);
	take_blocks(&place, span);
	if (place.full_pages != NONE)
		drop_node(index, place.full_pages);
	if (place.full_chunks != NONE)
		drop_node(index, place.full_chunks);
}
