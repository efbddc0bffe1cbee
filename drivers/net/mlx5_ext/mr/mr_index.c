/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "mr/mr_index.h"

#define FIRST_BITS 8
#define CACHE_LINE 64
#define HUGE_PAGE (2u << 20)
/*
 * 2^64 over the golden ratio (Knuth 6.4, Fibonacci hashing): spreads consecutive granules evenly,
 * if no other factor is involved.
 */
#define SCATTER UINT64_C(0x9e3779b97f4a7c15)

/* Sizes [4^c, 4^(c+1)) * 64; the first and the last class include smaller and larger ones. */
static unsigned int
class_of(size_t len)
{
	unsigned int log2 = 63 - __builtin_clzll(len | 1);
	unsigned int class = log2 < MLX5X_MR_INDEX_SHIFT ? 0 : (log2 - MLX5X_MR_INDEX_SHIFT) / 2;

	return class < MLX5X_MR_INDEX_CLASSES ? class : MLX5X_MR_INDEX_CLASSES - 1;
}

static inline uint64_t
granule_of(uintptr_t addr, unsigned int class)
{
	return (uint64_t)addr >> (MLX5X_MR_INDEX_SHIFT + 2 * class);
}

static inline size_t
home_of(const struct mlx5x_mr_index_table *table, uint64_t granule, unsigned int class)
{
	return (granule + ((uint64_t)class << 58)) * SCATTER >> table->shift;
}

static inline size_t
mask_of(const struct mlx5x_mr_index_table *table)
{
	return SIZE_MAX >> table->shift;
}

const struct mlx5x_mr_entry *
mlx5x_mr_index_find(const struct mlx5x_mr_index *index, uintptr_t addr)
{
	const struct mlx5x_mr_index_table *table = __atomic_load_n(&index->table, __ATOMIC_ACQUIRE);
	/* Acquire; pairs with the release in add_class(). */
	uint32_t nb_classes = __atomic_load_n(&table->nb_classes, __ATOMIC_ACQUIRE), n;
	const struct mlx5x_mr_entry *entry;
	unsigned int class;
	uintptr_t start;
	size_t i, len;

	for (n = 0; n < nb_classes; n++) {
		class = table->classes[n];
		for (i = home_of(table, granule_of(addr, class), class);;
				i = (i + 1) & mask_of(table)) {
			entry = &table->entries[i];
			/* Acquire; pairs with the release in enter(). */
			len = __atomic_load_n(&entry->len, __ATOMIC_ACQUIRE);
			start = __atomic_load_n(&entry->start, __ATOMIC_RELAXED);
			if (addr - start < len)
				return entry;
			if (len == 0)
				break;
		}
	}
	return NULL;
}

/* The slot where a look-up of the entry's granule begins. */
static size_t
home_of_entry(const struct mlx5x_mr_index_table *table, const struct mlx5x_mr_entry *entry)
{
	unsigned int class = class_of(entry->len);

	return home_of(table, granule_of(entry->start, class) + entry->nth, class);
}

static unsigned int
count_granules(uintptr_t start, size_t len)
{
	unsigned int class = class_of(len);

	return granule_of(start + len - 1, class) - granule_of(start, class) + 1;
}

static void
enter(struct mlx5x_mr_index_table *table, const struct mlx5x_mr_entry *new)
{
	struct mlx5x_mr_entry *entry;
	size_t i;

	for (i = home_of_entry(table, new); table->entries[i].len != 0;
			i = (i + 1) & mask_of(table))
		;
	entry = &table->entries[i];
	/* Readers load it even while the length is still 0: so it must not tear. */
	__atomic_store_n(&entry->start, new->start, __ATOMIC_RELAXED);
	entry->lkey = new->lkey;
	entry->nth = new->nth;
	entry->owner = new->owner;
	/* Release; pairs with the acquire in mlx5x_mr_index_find(). */
	__atomic_store_n(&entry->len, new->len, __ATOMIC_RELEASE);
	table->used++;
}

/* A range of the class is in the table. */
static void
add_class(struct mlx5x_mr_index_table *table, unsigned int class)
{
	if (table->counts[class]++ != 0)
		return;
	table->classes[table->nb_classes] = class;
	/* Release; pairs with the acquire in mlx5x_mr_index_find(). */
	__atomic_store_n(&table->nb_classes, table->nb_classes + 1, __ATOMIC_RELEASE);
}

/* Without readers. */
static void
drop_class(struct mlx5x_mr_index_table *table, unsigned int class)
{
	unsigned int n = 0;

	if (--table->counts[class] != 0)
		return;
	while (table->classes[n] != class)
		n++;
	table->classes[n] = table->classes[--table->nb_classes];
}

void
mlx5x_mr_index_insert(struct mlx5x_mr_index *index, uintptr_t start, size_t len, uint32_t lkey,
	void *owner)
{
	struct mlx5x_mr_entry new = {.start = start, .len = len, .lkey = lkey, .owner = owner};
	struct mlx5x_mr_index_table *table = index->table;

	for (; new.nth < count_granules(start, len); new.nth++)
		enter(table, &new);
	add_class(table, class_of(len));
}

/*
 * Removes entry i by backward-shift deletion (Knuth 6.4, algorithm R): entries behind the gap that
 * may be nearer to their home slot move up. So no look-up ends too early, without tombstones.
 */
static void
take_out(struct mlx5x_mr_index_table *table, size_t i)
{
	size_t mask = mask_of(table), j, home;

	for (j = (i + 1) & mask; table->entries[j].len != 0; j = (j + 1) & mask) {
		home = home_of_entry(table, &table->entries[j]);
		if (((j - home) & mask) < ((j - i) & mask))
			continue;
		table->entries[i] = table->entries[j];
		i = j;
	}
	table->entries[i].len = 0;
	table->used--;
}

static void
leave(struct mlx5x_mr_index_table *table, const struct mlx5x_mr_entry *old)
{
	const struct mlx5x_mr_entry *entry;
	size_t i;

	for (i = home_of_entry(table, old);; i = (i + 1) & mask_of(table)) {
		entry = &table->entries[i];
		if (entry->start == old->start && entry->owner == old->owner &&
		    entry->nth == old->nth)
			break;
	}
	take_out(table, i);
}

size_t
mlx5x_mr_index_remove(struct mlx5x_mr_index *index, uintptr_t start, size_t len, void *owner)
{
	struct mlx5x_mr_entry old = {.start = start, .len = len, .owner = owner};
	struct mlx5x_mr_index_table *table = index->table;

	for (; old.nth < count_granules(start, len); old.nth++)
		leave(table, &old);
	drop_class(table, class_of(len));
	return old.nth;
}

void
mlx5x_mr_index_reserve(struct mlx5x_mr_index *index, size_t n)
{
	index->reserved += n;
}

void
mlx5x_mr_index_unreserve(struct mlx5x_mr_index *index, size_t n)
{
	index->reserved -= n;
}

/* At most five eighths full: longer runs of entries would slow look-ups down. */
static bool
fits(const struct mlx5x_mr_index *index, uint32_t bits, size_t n)
{
	return index->table->used + index->reserved + n * MLX5X_MR_INDEX_SPREAD <=
		((size_t)1 << bits) / 8 * 5;
}

bool
mlx5x_mr_index_has_room(const struct mlx5x_mr_index *index, size_t n)
{
	return fits(index, index->table->bits, n);
}

uint32_t
mlx5x_mr_index_bits(const struct mlx5x_mr_index *index, size_t n)
{
	uint32_t bits = index->table->bits + 1;

	while (!fits(index, bits, n))
		bits++;
	return bits;
}

/* Look-ups in a table of megabytes are random accesses: huge pages save their TLB misses. */
struct mlx5x_mr_index_table *
mlx5x_mr_index_alloc(uint32_t bits)
{
	size_t size = sizeof(struct mlx5x_mr_index_table) +
		sizeof(struct mlx5x_mr_entry) * ((size_t)1 << bits);
	size_t unit = size >= HUGE_PAGE ? HUGE_PAGE : CACHE_LINE;
	struct mlx5x_mr_index_table *table;

	size = (size + unit - 1) / unit * unit;
	table = aligned_alloc(unit, size);
	if (table == NULL)
		return NULL;
	/* An optimisation: its failure does no harm. */
	if (unit == HUGE_PAGE)
		madvise(table, size, MADV_HUGEPAGE);
	memset(table, 0, size);
	table->bits = bits;
	table->shift = 64 - bits;
	return table;
}

struct mlx5x_mr_index_table *
mlx5x_mr_index_replace(struct mlx5x_mr_index *index, struct mlx5x_mr_index_table *table)
{
	struct mlx5x_mr_index_table *old = index->table;
	const struct mlx5x_mr_entry *entry;
	size_t i;

	for (i = 0; i <= mask_of(old); i++) {
		entry = &old->entries[i];
		if (entry->len != 0)
			enter(table, entry);
	}
	memcpy(table->counts, old->counts, sizeof(table->counts));
	memcpy(table->classes, old->classes, sizeof(table->classes));
	table->nb_classes = old->nb_classes;
	/* Release; pairs with the acquire in mlx5x_mr_index_find(). */
	__atomic_store_n(&index->table, table, __ATOMIC_RELEASE);
	return old;
}

int
mlx5x_mr_index_init(struct mlx5x_mr_index *index)
{
	index->table = mlx5x_mr_index_alloc(FIRST_BITS);
	index->reserved = 0;
	return index->table != NULL ? 0 : -ENOMEM;
}

void
mlx5x_mr_index_fini(struct mlx5x_mr_index *index)
{
	free(index->table);
	index->table = NULL;
}
