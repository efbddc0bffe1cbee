/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOG_COMPONENT "region"
#include "common/log.h"
#include "common/verbs.h"
#include "common/workers.h"
#include "mr/region.h"

/* More MRs would need an index of gigabytes, for a range that cannot be memory. */
#define MAX_MRS (UINT32_C(1) << 24)

#define HUGE_PAGE (UINT64_C(2) << 20)

/* A power of two. */
static uintptr_t
page_size(void)
{
	static uintptr_t size;
	uintptr_t page = __atomic_load_n(&size, __ATOMIC_RELAXED);

	if (page == 0) {
		page = sysconf(_SC_PAGESIZE);
		__atomic_store_n(&size, page, __ATOMIC_RELAXED);
	}
	return page;
}

/* Bytes of the pages under a range. page: their size. */
static size_t
pages_of(const struct mlx5x_range *range, uintptr_t page)
{
	uintptr_t last = (range->start + (range->len - 1)) | (page - 1);

	return last - (range->start & ~(page - 1)) + 1;
}

/* MR i, which covers this range. */
static int
register_mr(struct ibv_pd *pd, struct mlx5x_region *region, uint32_t i,
	const struct mlx5x_range *range, const struct mlx5x_source *source)
{
	void *addr = (void *)range->start;
	uint64_t before = range->start - region->range.start;
	bool writes = (region->kind & MLX5X_TO_READ) == 0;

	if ((region->kind & MLX5X_OF_DMABUF) == 0)
		return mlx5x_verbs_reg_mr(pd, addr, range->len, writes, &region->mrs[i]);
	if (source == NULL)
		return -EBADF;
	return mlx5x_verbs_reg_dmabuf_mr(pd, source->fd, source->offset + before, addr, range->len,
		writes, &region->mrs[i]);
}

struct registration {
	struct ibv_pd *pd;
	struct mlx5x_region *region;
	const struct mlx5x_source *source;
};

/* MR i, unless it is registered. */
static int
step(void *arg, uint32_t i)
{
	const struct registration *reg = arg;
	const struct mlx5x_range range = mlx5x_region_mr_range(reg->region, i);

	return reg->region->mrs[i] != NULL ? 0 :
		register_mr(reg->pd, reg->region, i, &range, reg->source);
}

static int
register_mrs(struct ibv_pd *pd, const struct mlx5x_cut *cut, struct mlx5x_region *region,
	const struct mlx5x_source *source)
{
	struct registration reg = {pd, region, source};

	return region->nb_mrs == 1 ? step(&reg, 0) :
		mlx5x_workers_run(cut->threads, region->nb_mrs, step, &reg);
}

struct mlx5x_region_use
mlx5x_region_use(const struct mlx5x_region *region)
{
	const bool is_pinned = (region->kind & MLX5X_OF_DMABUF) == 0;
	struct mlx5x_region_use use = {0};
	const uintptr_t page = page_size();
	struct mlx5x_range mr;
	uint32_t i;

	for (i = 0; i < region->nb_mrs; i++) {
		if (region->mrs[i] == NULL)
			continue;
		mr = mlx5x_region_mr_range(region, i);
		use.nb_live++;
		use.pinned += is_pinned ? pages_of(&mr, page) : 0;
	}
	return use;
}

int
mlx5x_region_rereg(struct ibv_pd *pd, const struct mlx5x_cut *cut, struct mlx5x_region *region)
{
	return register_mrs(pd, cut, region, NULL);
}

/* Bytes of each MR of a range but the last. A share is of whole huge pages. */
static size_t
mr_size(const struct mlx5x_cut *cut, const struct mlx5x_range *range)
{
	size_t share;

	if (cut->threads < 2 || range->len < MLX5X_CUT_FROM)
		return cut->max_size;
	share = ((range->len - 1) / cut->threads / HUGE_PAGE + 1) * HUGE_PAGE;
	return share < cut->max_size ? share : cut->max_size;
}

int
mlx5x_region_create(struct ibv_pd *pd, const struct mlx5x_range *range, uint64_t iova,
	const struct mlx5x_cut *cut, const struct mlx5x_source *source,
	struct mlx5x_region **region)
{
	const size_t size = mr_size(cut, range);
	size_t n = (range->len - 1) / size + 1;
	struct mlx5x_region *new;
	int ret;

	if (n > MAX_MRS)
		return -EINVAL;
	/* Not calloc(), which bypasses glibc's per-thread cache. */
	new = malloc(sizeof(*new) + n * sizeof(new->mrs[0]));
	if (new == NULL)
		return -ENOMEM;
	*new = (struct mlx5x_region){
		.refs = 1, .kind = mlx5x_source_kind(source), .range = *range, .iova = iova,
		.mr_size = size, .nb_mrs = n};
	memset(new->mrs, 0, n * sizeof(new->mrs[0]));
	ret = register_mrs(pd, cut, new, source);
	if (ret != 0) {
		mlx5x_region_destroy(new);
		return ret;
	}
	*region = new;
	return 0;
}

/* The hole with the lowest address that overlaps the range, or NULL. */
static const struct mlx5x_hole *
first_hole(const struct mlx5x_region *region, const struct mlx5x_range *range)
{
	const struct mlx5x_hole *hole, *first = NULL;

	SLIST_FOREACH(hole, &region->holes, next)
		if (mlx5x_range_touches(range, hole->range.start, hole->range.len) &&
		    (first == NULL || hole->range.start < first->range.start))
			first = hole;
	return first;
}

/* Shortens the range, of one MR, to its first run between holes. False: it consists of holes. */
static bool
cut_holes(const struct mlx5x_region *region, struct mlx5x_range *range)
{
	const struct mlx5x_hole *hole;
	size_t gone;

	while ((hole = first_hole(region, range)) != NULL) {
		if (hole->range.start > range->start) {
			range->len = hole->range.start - range->start;
			break;
		}
		gone = hole->range.len - (range->start - hole->range.start);
		if (gone >= range->len)
			return false;
		range->start += gone;
		range->len -= gone;
	}
	return true;
}

bool
mlx5x_region_next_between_holes(const struct mlx5x_region *region, struct mlx5x_region_part *part)
{
	struct mlx5x_range mr;
	size_t done;

	for (; part->index < region->nb_mrs; part->index++, part->range.len = 0) {
		mr = mlx5x_region_mr_range(region, part->index);
		done = part->range.len == 0 ? 0 :
			part->range.start - mr.start + part->range.len;
		if (done == mr.len)
			continue;
		part->range = (struct mlx5x_range){mr.start + done, mr.len - done};
		part->mr = region->mrs[part->index];
		if (cut_holes(region, &part->range))
			return true;
	}
	return false;
}

size_t
mlx5x_region_max_parts(const struct mlx5x_region *region)
{
	const struct mlx5x_hole *hole;
	size_t n = region->nb_mrs;

	SLIST_FOREACH(hole, &region->holes, next)
		n++;
	return n;
}

void
mlx5x_region_pierce(struct mlx5x_region *region, struct mlx5x_hole *hole)
{
	SLIST_INSERT_HEAD(&region->holes, hole, next);
}

uint32_t
mlx5x_region_lkey(const struct mlx5x_region *region)
{
	uint32_t i;

	for (i = 0; i < region->nb_mrs; i++)
		if (region->mrs[i] != NULL)
			return region->mrs[i]->lkey;
	return 0;
}

int
mlx5x_region_dereg(struct mlx5x_region *region)
{
	uint32_t i;
	int ret;

	for (i = 0; i < region->nb_mrs; i++) {
		ret = mlx5x_verbs_dereg_mr(region->mrs[i]);
		if (ret != 0)
			return ret;
		region->mrs[i] = NULL;
	}
	return 0;
}

void
mlx5x_region_free(struct mlx5x_region *region)
{
	struct mlx5x_hole *hole;

	while ((hole = SLIST_FIRST(&region->holes)) != NULL) {
		SLIST_REMOVE_HEAD(&region->holes, next);
		free(hole);
	}
	free(region);
}

void
mlx5x_region_destroy(struct mlx5x_region *region)
{
	int ret = mlx5x_region_dereg(region);

	if (ret != 0)
		MLX5X_LOG(ERR, "cannot deregister %zu bytes at %#" PRIxPTR ": %s",
			region->range.len, region->range.start, strerror(-ret));
	mlx5x_region_free(region);
}
