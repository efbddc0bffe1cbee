/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#define LOG_COMPONENT "mr"
#include "common/log.h"
#include "mr/mr.h"
#include "mr/mr_keys.h"

static bool
is_exactly(const struct mlx5x_region *region, const struct mlx5x_range *range, uint64_t iova)
{
	return region->range.start == range->start && region->range.len == range->len &&
		region->iova == iova;
}

/* The first region on the list that overlaps the range, or NULL. */
static struct mlx5x_region *
first_gone(struct mlx5x_mr_table *table, const struct mlx5x_range *range)
{
	struct mlx5x_region *region;

	LIST_FOREACH(region, &table->gone, next)
		if (mlx5x_range_touches(range, region->range.start, region->range.len))
			break;
	return region;
}

/* What is to be mapped. */
struct request {
	const struct mlx5x_range *range;
	uint64_t iova;
	uint64_t memory;
	const struct mlx5x_source *source;	/* or NULL */
};

/* Whether a mapping of the same range can be counted for it. */
static bool
is_alike(const struct mlx5x_region *region, const struct mlx5x_source *source)
{
	return region->kind == mlx5x_source_kind(source) && (region->kind & MLX5X_OF_DMABUF) == 0;
}

/*
 * Under the lock; region is the first mapping that overlaps the range, or NULL. 0: it is identical
 * and has one more reference now; -EEXIST: it differs; -ESTALE: identical, but of other memory;
 * -ENOENT: NULL.
 */
static int
take_existing(struct mlx5x_region *region, const struct request *request,
	struct mlx5x_range *conflict)
{
	if (region == NULL)
		return -ENOENT;
	*conflict = region->range;
	if (!is_exactly(region, request->range, request->iova))
		return -EEXIST;
	if (region->memory != request->memory)
		return -ESTALE;
	if (!is_alike(region, request->source) || region->refs == UINT32_MAX)
		return -EEXIST;
	region->refs++;
	return 0;
}

/*
 * Under the lock. Moves overlapping implicit and gone regions to *ended, or keeps them, and links
 * the new one. live: some are live.
 */
static void
take_place(struct mlx5x_mr_table *table, struct mlx5x_region *region, bool live,
	struct mlx5x_region_list *ended)
{
	struct mlx5x_region *gone;

	while ((gone = first_gone(table, &region->range)) != NULL) {
		LIST_REMOVE(gone, next);
		LIST_INSERT_HEAD(ended, gone, next);
	}
	if (live) {
		mlx5x_mr_close_gates(table);
		mlx5x_mr_displace(table, &region->range, ended);
		mlx5x_mr_open_gates(table);
	}
	mlx5x_mr_link(table, region);
}

static int
map(struct mlx5x_mr_table *table, const struct request *request, struct mlx5x_range *conflict)
{
	const struct mlx5x_range *range = request->range;
	struct mlx5x_region_list ended = LIST_HEAD_INITIALIZER(ended);
	struct mlx5x_region *region, *first;
	struct mlx5x_mr_arrival arrival;
	int ret;

	pthread_mutex_lock(&table->lock);
	mlx5x_mr_wait_for_leaving(table, range);
	first = mlx5x_mr_first(table, range);
	ret = take_existing(mlx5x_mr_next_mapped(table, range, first), request, conflict);
	if (ret == -ENOENT) {
		mlx5x_mr_arrive(table, &arrival, range, first != NULL);
		arrival.source = request->source;
	}
	pthread_mutex_unlock(&table->lock);
	if (ret != -ENOENT)
		return ret;
	ret = mlx5x_mr_register(table, &arrival, request->iova, &region);
	if (ret != 0)
		return ret;
	/* If another thread mapped it meanwhile, its mapping stands and this one is undone. */
	first = arrival.met ? mlx5x_mr_first(table, range) : NULL;
	ret = take_existing(mlx5x_mr_next_mapped(table, range, first), request, conflict);
	if (ret == -ENOENT) {
		region->memory = request->memory;
		take_place(table, region, first != NULL, &ended);
		ret = 0;
	} else {
		LIST_INSERT_HEAD(&ended, region, next);
	}
	pthread_mutex_unlock(&table->lock);
	mlx5x_mr_end_all(&ended);
	return ret;
}

int
mlx5x_mr_map(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	uint64_t memory, struct mlx5x_range *conflict)
{
	return map(table, &(struct request){range, iova, memory, NULL}, conflict);
}

int
mlx5x_mr_map_source(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	uint64_t memory, const struct mlx5x_source *source, struct mlx5x_range *conflict)
{
	return map(table, &(struct request){range, iova, memory, source}, conflict);
}

/* Under the lock, for the last reference. 0: it is leaving; -EBUSY: a queue owns buffers in it. */
static int
begin_leaving(struct mlx5x_mr_table *table, struct mlx5x_region *region,
	struct mlx5x_region_list *ended)
{
	int ret = 0;

	/* Of thousands of regions they are in no cache, and it takes some time until then. */
	mlx5x_region_prefetch(RB_PARENT(region, node));
	mlx5x_region_prefetch(RB_LEFT(region, node));
	mlx5x_region_prefetch(RB_RIGHT(region, node));
	mlx5x_mr_close_gates(table);
	if (mlx5x_mr_is_owned(table, &region->range))
		ret = -EBUSY;
	else
		mlx5x_mr_begin_leaving(table, region);
	mlx5x_mr_sweep(table, ended);
	mlx5x_mr_open_gates(table);
	return ret;
}

/* Not under the lock. If deregistration fails, the region is live again: unmap can be repeated. */
static int
finish_leaving(struct mlx5x_mr_table *table, struct mlx5x_region *region)
{
	int ret = mlx5x_region_dereg(region), lost = 0;

	if (ret != 0)
		lost = mlx5x_region_rereg(table->pd, &table->cut, region);
	if (lost != 0)
		MLX5X_LOG(ERR, "the mapping of %zu bytes at %#" PRIxPTR " has lost lkeys: cannot "
			"register it again after a failed unmap (%s): unmap it", region->range.len,
			region->range.start, strerror(-lost));
	pthread_mutex_lock(&table->lock);
	if (ret == 0)
		mlx5x_mr_finish_leaving(table, region);
	else
		mlx5x_mr_cancel_leaving(table, region);
	pthread_mutex_unlock(&table->lock);
	if (ret == 0)
		mlx5x_region_free(region);
	return ret;
}

/* Under the lock. A gone region only counts its references. */
static int
put_gone(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	struct mlx5x_range *conflict, struct mlx5x_region_list *ended)
{
	struct mlx5x_region *region = first_gone(table, range);

	if (region == NULL)
		return -ENOENT;
	if (!is_exactly(region, range, iova)) {
		*conflict = region->range;
		return -EINVAL;
	}
	if (--region->refs == 0) {
		LIST_REMOVE(region, next);
		LIST_INSERT_HEAD(ended, region, next);
	}
	return 0;
}

/* Under the lock. *leaving: the region whose last reference ended; else unchanged or NULL. */
static int
put_existing(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	struct mlx5x_range *conflict, struct mlx5x_region **leaving,
	struct mlx5x_region_list *ended)
{
	const struct mlx5x_mr_entry *entry = mlx5x_mr_find(table, range->start);
	struct mlx5x_region *region = entry != NULL ? entry->owner : NULL;
	int ret = 0;

	mlx5x_region_prefetch(region);
	/* The index usually has it. */
	if (region == NULL || region->implicit || !is_exactly(region, range, iova)) {
		mlx5x_mr_wait_for_leaving(table, range);
		region = mlx5x_mr_first_mapped(table, range);
	}
	if (region == NULL)
		return put_gone(table, range, iova, conflict, ended);
	if (!is_exactly(region, range, iova)) {
		*conflict = region->range;
		return -EINVAL;
	}
	if (region->refs == 1) {
		ret = begin_leaving(table, region, ended);
		*leaving = ret == 0 ? region : NULL;
	} else {
		region->refs--;
	}
	return ret;
}

int
mlx5x_mr_unmap(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	struct mlx5x_range *conflict)
{
	struct mlx5x_region_list ended = LIST_HEAD_INITIALIZER(ended);
	struct mlx5x_region *leaving = NULL;
	int ret;

	pthread_mutex_lock(&table->lock);
	ret = put_existing(table, range, iova, conflict, &leaving, &ended);
	pthread_mutex_unlock(&table->lock);
	mlx5x_mr_end_all(&ended);
	return leaving != NULL ? finish_leaving(table, leaving) : ret;
}

int
mlx5x_mr_end_mapping(struct mlx5x_mr_table *table, const struct mlx5x_range *range, uint64_t iova,
	uint64_t memory)
{
	struct mlx5x_region_list ended = LIST_HEAD_INITIALIZER(ended);
	struct mlx5x_region *region;
	int ret = 0;

	pthread_mutex_lock(&table->lock);
	mlx5x_mr_wait_for_leaving(table, range);
	region = mlx5x_mr_first_mapped(table, range);
	if (region != NULL && (!is_exactly(region, range, iova) || region->memory != memory))
		region = NULL;
	if (region != NULL)
		ret = begin_leaving(table, region, &ended);
	pthread_mutex_unlock(&table->lock);
	mlx5x_mr_end_all(&ended);
	return region != NULL && ret == 0 ? finish_leaving(table, region) : ret;
}

void
mlx5x_mr_add_user(struct mlx5x_mr_table *table, struct mlx5x_mr_user *user)
{
	pthread_mutex_lock(&table->lock);
	LIST_INSERT_HEAD(&table->users, user, next);
	pthread_mutex_unlock(&table->lock);
}

void
mlx5x_mr_remove_user(struct mlx5x_mr_table *table, struct mlx5x_mr_user *user)
{
	struct mlx5x_region_list ended = LIST_HEAD_INITIALIZER(ended);

	pthread_mutex_lock(&table->lock);
	LIST_REMOVE(user, next);
	mlx5x_mr_close_gates(table);
	mlx5x_mr_sweep(table, &ended);
	mlx5x_mr_open_gates(table);
	pthread_mutex_unlock(&table->lock);
	user->cache.len = 0;
	mlx5x_mr_end_all(&ended);
}

int
mlx5x_mr_init(struct mlx5x_mr_table *table, struct ibv_pd *pd, size_t max_size)
{
	int ret;

	*table = (struct mlx5x_mr_table){.pd = pd};
	table->cut.max_size = max_size != 0 ? max_size : SIZE_MAX;
	ret = mlx5x_mr_index_init(&table->index);
	if (ret != 0)
		return ret;
	mlx5x_mr_set_init(&table->regions);
	pthread_mutex_init(&table->lock, NULL);
	pthread_cond_init(&table->left, NULL);
	return 0;
}

void
mlx5x_mr_set_threads(struct mlx5x_mr_table *table, unsigned int threads)
{
	table->cut.threads = threads;
}

void
mlx5x_mr_fini(struct mlx5x_mr_table *table)
{
	struct mlx5x_region *region;

	while ((region = mlx5x_mr_set_next(&table->regions, NULL)) != NULL) {
		mlx5x_mr_set_remove(&table->regions, region);
		mlx5x_region_destroy(region);
	}
	mlx5x_mr_end_all(&table->kept);
	mlx5x_mr_end_all(&table->gone);
	mlx5x_mr_index_fini(&table->index);
	pthread_cond_destroy(&table->left);
	pthread_mutex_destroy(&table->lock);
}
