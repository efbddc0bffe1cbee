/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mr.c - the cost of the MR table with n regions, beside a plain binary search in a sorted array in
 * the same run. Registration itself is left out: verbs are replaced by stubs.
 *
 *   hit      a hit in the queue's cache: a packet in the same region as the one before
 *   lookup   a random address, missing in the cache
 *   bsearch  the same addresses, searched for in a sorted array of {start, len, lkey}
 *   intree   the same, by the variant of binary search in in-tree mlx5
 *   map      one more region; unmap: that region again
 *   bytes    of memory of the process for each region, without its MR
 *
 * Regions are adjacent, of 64 KiB each; with --mixed of 4 to 128 KiB. Each figure is the lowest mean
 * of many short slices, to exclude the machine's other load.
 *   mr [--mixed]
 */
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/verbs.h"
#include "mr/mr.h"
#include "mr/mr_cache.h"
#include "now.h"

#define QUERIES 400000
#define SLICE 4000
#define PAIRS 200	/* pairs of unmap and map in a slice */
#define SLICES 50

int mlx5x_logtype;

/* The only MR; only its lkey is read. */
static struct ibv_mr the_mr = {.lkey = 1};

int
mlx5x_verbs_reg_mr(struct ibv_pd *pd, void *addr, size_t len, bool writes, struct ibv_mr **mr)
{
	*mr = &the_mr;
	return 0;
}

int
mlx5x_verbs_reg_dmabuf_mr(struct ibv_pd *pd, int fd, uint64_t offset, void *addr, size_t len,
	bool writes, struct ibv_mr **mr)
{
	*mr = &the_mr;
	return 0;
}

int
mlx5x_verbs_dereg_mr(struct ibv_mr *mr)
{
	return 0;
}

struct region {
	uintptr_t start;
	size_t len;
	uint32_t lkey;
};

static struct region *regions;	/* sorted */
static uintptr_t *queries;
static unsigned int nb_regions;
static struct mlx5x_mr_table table;
static struct mlx5x_mr_user queue;
static uint64_t misses, sink;

static void
lay_out(unsigned int n, bool mixed)
{
	uintptr_t at = UINT64_C(0x7f0000000000);
	unsigned int i;

	srandom(n);
	nb_regions = n;
	for (i = 0; i < n; i++) {
		regions[i].start = at;
		regions[i].len = mixed ? (size_t)4096 << random() % 6 : 65536;
		regions[i].lkey = 1;
		at += regions[i].len;
	}
	for (i = 0; i < QUERIES; i++) {
		const struct region *region = &regions[random() % n];

		queries[i] = region->start + random() % region->len;
	}
}

static void
map(const struct region *region)
{
	struct mlx5x_range range = {region->start, region->len}, conflict;

	if (mlx5x_mr_map(&table, &range, region->start, 0, &conflict) != 0)
		exit(2);
}

static void
unmap(const struct region *region)
{
	struct mlx5x_range range = {region->start, region->len}, conflict;

	if (mlx5x_mr_unmap(&table, &range, region->start, &conflict) != 0)
		exit(2);
}

static bool
owns_nothing(struct mlx5x_mr_user *user, const struct mlx5x_range *range)
{
	return false;
}

static size_t
allocated(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

/*
 * Regions come in random order, the worst case for a sorted structure. Returns the memory that they
 * need.
 */
static size_t
fill(void)
{
	unsigned int *order = malloc(nb_regions * sizeof(*order)), i, j;
	size_t before;

	for (i = 0; i < nb_regions; i++) {
		j = random() % (i + 1);
		order[i] = order[j];
		order[j] = i;
	}
	mlx5x_mr_init(&table, NULL, SIZE_MAX);
	mlx5x_mr_add_user(&table, &queue);
	before = allocated();
	for (i = 0; i < nb_regions; i++)
		map(&regions[order[i]]);
	before = allocated() - before;
	free(order);
	return before;
}

static void
empty(void)
{
	mlx5x_mr_remove_user(&table, &queue);
	mlx5x_mr_fini(&table);
}

typedef void (*work_t)(unsigned int slice);

static void
hit(unsigned int slice)
{
	const struct region *region = &regions[slice % nb_regions];
	uint32_t lkey = 0;
	unsigned int i;

	for (i = 0; i < SLICE; i++) {
		mlx5x_mr_cache_find(&queue.cache, &table.index, region->start + i, &lkey);
		sink += lkey;
	}
}

static void
look_up(unsigned int slice)
{
	const uintptr_t *query = &queries[slice * SLICE % QUERIES];
	uint32_t lkey = 0;
	unsigned int i;

	for (i = 0; i < SLICE; i++) {
		queue.cache.len = 0;
		mlx5x_mr_cache_find(&queue.cache, &table.index, query[i], &lkey);
		sink += lkey;
	}
}

static uint32_t
search(uintptr_t addr)
{
	unsigned int low = 0, high = nb_regions, middle;

	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (regions[middle].start <= addr)
			low = middle;
		else
			high = middle;
	}
	return addr - regions[low].start < regions[low].len ? regions[low].lkey : 0;
}

static uint32_t
search_as_in_tree(uintptr_t addr)
{
	unsigned int base = 0, n = nb_regions, delta;

	do {
		delta = n >> 1;
		if (addr < regions[base + delta].start) {
			n = delta;
		} else {
			base += delta;
			n -= delta;
		}
	} while (n > 1);
	return addr - regions[base].start < regions[base].len ? regions[base].lkey : 0;
}

static void
search_slice(unsigned int slice)
{
	const uintptr_t *query = &queries[slice * SLICE % QUERIES];
	unsigned int i;

	for (i = 0; i < SLICE; i++)
		sink += search(query[i]);
}

static void
search_slice_as_in_tree(unsigned int slice)
{
	const uintptr_t *query = &queries[slice * SLICE % QUERIES];
	unsigned int i;

	for (i = 0; i < SLICE; i++)
		sink += search_as_in_tree(query[i]);
}

/* The lowest mean of all slices, in ns for one of count. */
static double
measure(work_t work, unsigned int slices, unsigned int count)
{
	double best = 1e18, start, took;
	unsigned int i;

	for (i = 0; i < slices; i++) {
		start = now_ns();
		work(i);
		took = (now_ns() - start) / count;
		if (took < best)
			best = took;
	}
	return best;
}

/* Unmaps random regions and maps them again; the halves are measured separately. */
static void
measure_changes(double *map_ns, double *unmap_ns)
{
	const struct region *some[PAIRS];
	unsigned int slice, i, n = nb_regions < PAIRS ? nb_regions / 2 : PAIRS, first;
	double start;

	*map_ns = *unmap_ns = 1e18;
	for (slice = 0; slice < SLICES; slice++) {
		first = random() % nb_regions;
		for (i = 0; i < n; i++)
			some[i] = &regions[(first + i * (nb_regions / n)) % nb_regions];
		start = now_ns();
		for (i = 0; i < n; i++)
			unmap(some[i]);
		if ((now_ns() - start) / n < *unmap_ns)
			*unmap_ns = (now_ns() - start) / n;
		start = now_ns();
		for (i = 0; i < n; i++)
			map(some[i]);
		if ((now_ns() - start) / n < *map_ns)
			*map_ns = (now_ns() - start) / n;
	}
}

static void
run(unsigned int n, bool mixed)
{
	double map_ns, unmap_ns, hit_ns, lookup_ns, bsearch_ns, intree_ns;
	size_t bytes;

	lay_out(n, mixed);
	bytes = fill();
	hit_ns = measure(hit, SLICES, SLICE);
	lookup_ns = measure(look_up, QUERIES / SLICE, SLICE);
	bsearch_ns = measure(search_slice, QUERIES / SLICE, SLICE);
	intree_ns = measure(search_slice_as_in_tree, QUERIES / SLICE, SLICE);
	measure_changes(&map_ns, &unmap_ns);
	empty();
	printf("%s{\"n\":%u,\"hit_ns\":%.2f,\"lookup_ns\":%.1f,\"bsearch_ns\":%.1f,"
		"\"intree_ns\":%.1f,\"map_ns\":%.0f,\"unmap_ns\":%.0f,\"bytes\":%zu}", n > 16 ? "," : "", n,
		hit_ns, lookup_ns, bsearch_ns, intree_ns, map_ns, unmap_ns, bytes / n);
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	bool mixed = argc > 1 && strcmp(argv[1], "--mixed") == 0;
	unsigned int n;

	regions = malloc(65536 * sizeof(*regions));
	queries = malloc(QUERIES * sizeof(*queries));
	queue.owns = owns_nothing;
	queue.cache.misses = &misses;
	printf("{\"mr\":[");
	for (n = 16; n <= 65536; n *= 4)
		run(n, mixed);
	printf("]}\n");
	/* Uses the results, so that the compiler cannot remove the work. */
	return sink == 0;
}
