/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>

#include <rte_common.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#define LOG_COMPONENT "implicit"
#include "common/log.h"
#include "common/reason.h"
#include "mr/heap.h"
#include "mr/implicit.h"
#include "mr/mr.h"

/* The first address from start on that has no lkey; end if all have one. */
static uintptr_t
first_missing(const struct mlx5x_implicit *implicit, uintptr_t start, uintptr_t end)
{
	const struct mlx5x_mr_entry *entry;

	pthread_mutex_lock(&implicit->mrs->lock);
	while (start < end && (entry = mlx5x_mr_find(implicit->mrs, start)) != NULL)
		start = end - start > entry->len - (start - entry->start) ?
			entry->start + entry->len : end;
	pthread_mutex_unlock(&implicit->mrs->lock);
	return start;
}

/* Registers the bytes without an lkey, unit by unit (heap.h). The range does not wrap. */
static int
cover_bytes(const struct mlx5x_implicit *implicit, uintptr_t start, size_t len,
	struct mlx5x_range *failed)
{
	uintptr_t end = start + len, before = end;
	int ret = 0;

	while (ret == 0 && (start = first_missing(implicit, start, end)) < end) {
		/* No lkey though its unit is registered: a part of a mapping that lost its lkey. */
		if (start == before)
			return -EFAULT;
		before = start;
		ret = mlx5x_heap_unit(start, failed);
		if (ret == 0)
			ret = mlx5x_mr_ensure(implicit->mrs, failed);
	}
	return ret == -ENOENT ? -EFAULT : ret;
}

struct chunk_search {
	uintptr_t addr;
	struct mlx5x_range chunk;	/* len 0: none holds the address */
};

static void
search_chunk(struct rte_mempool *pool, void *opaque, struct rte_mempool_memhdr *chunk,
	unsigned int index)
{
	struct chunk_search *search = opaque;

	if (search->addr - (uintptr_t)chunk->addr < chunk->len)
		search->chunk = (struct mlx5x_range){(uintptr_t)chunk->addr, chunk->len};
}

static struct mlx5x_range
find_chunk(struct rte_mempool *pool, uintptr_t addr)
{
	struct chunk_search search = {.addr = addr};

	rte_mempool_mem_iter(pool, search_chunk, &search);
	return search.chunk;
}

/* A chunk that a queue registers with its pool. */
static bool
is_pools_own(const struct mlx5x_implicit *implicit, const struct mlx5x_range *chunk)
{
	return mlx5x_heap_has(chunk->start) ||
		(implicit->mode == MLX5X_IMPLICIT_MEMPOOL && !mlx5x_heap_knows(chunk));
}

struct pool_walk {
	const struct mlx5x_implicit *implicit;
	struct mlx5x_range run;		/* of pages with buffers, to be registered; len 0: none */
	bool disordered;
	bool is_new;			/* the pool: only what is in heaps */
	struct mlx5x_range failed;	/* if ret is not 0 */
	int ret;
};

static void
cover_range(struct pool_walk *walk, const struct mlx5x_range *range)
{
	if (walk->ret != 0)
		return;
	walk->ret = mlx5x_mr_ensure_whole(walk->implicit->mrs, range);
	walk->failed = *range;
}

static void
cover_chunk(struct rte_mempool *pool, void *opaque, struct rte_mempool_memhdr *chunk,
	unsigned int index)
{
	struct mlx5x_range range = {(uintptr_t)chunk->addr, chunk->len};
	struct pool_walk *walk = opaque;

	if (range.len != 0 && (walk->is_new ? mlx5x_heap_has(range.start) :
			is_pools_own(walk->implicit, &range)))
		cover_range(walk, &range);
}

/* The units (heap.h) from the first to the last byte of a buffer; len 0: not in heaps. */
static struct mlx5x_range
pages_of(const struct rte_mbuf *mbuf)
{
	uintptr_t last = (uintptr_t)mbuf->buf_addr + RTE_MAX(mbuf->buf_len, 1) - 1;
	struct mlx5x_range a, b;

	if (mlx5x_heap_unit((uintptr_t)mbuf->buf_addr, &a) != 0 || mlx5x_heap_unit(last, &b) != 0)
		return (struct mlx5x_range){0};
	return (struct mlx5x_range){a.start, b.start - a.start + b.len};
}

static void
cover_run(struct pool_walk *walk)
{
	if (walk->run.len != 0)
		cover_range(walk, &walk->run);
	walk->run.len = 0;
}

/* Buffers are usually in the order of their addresses, so that an area is one run. */
static void
add_buffer(struct rte_mempool *pool, void *opaque, void *object, unsigned int index)
{
	const struct rte_mbuf *mbuf = object;
	struct pool_walk *walk = opaque;
	struct mlx5x_range *run = &walk->run, pages;

	if (mlx5x_range_holds(run, (uintptr_t)mbuf->buf_addr, mbuf->buf_len))
		return;
	pages = pages_of(mbuf);
	if (pages.len == 0)
		return;
	if (run->len != 0 && pages.start - run->start <= run->len) {
		run->len = pages.start - run->start + pages.len;
		return;
	}
	walk->disordered |= pages.start < run->start;
	cover_run(walk);
	*run = pages;
}

/* A run that replaced parts of other runs may have cut them in the middle of a buffer. */
static void
cover_buffer(struct rte_mempool *pool, void *opaque, void *object, unsigned int index)
{
	const struct rte_mbuf *mbuf = object;
	struct mlx5x_range buffer = {(uintptr_t)mbuf->buf_addr, mbuf->buf_len};
	struct pool_walk *walk = opaque;

	if (buffer.len != 0 && mlx5x_heap_has(buffer.start))
		cover_range(walk, &buffer);
}

static void
walk_buffers(struct rte_mempool *pool, struct pool_walk *walk)
{
	rte_mempool_obj_iter(pool, add_buffer, walk);
	cover_run(walk);
	if (walk->disordered)
		rte_mempool_obj_iter(pool, cover_buffer, walk);
}

bool
mlx5x_implicit_is_pinned(struct rte_mempool *pool)
{
	return pool->private_data_size >= sizeof(struct rte_pktmbuf_pool_private) &&
		(rte_pktmbuf_priv_flags(pool) & RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF) != 0;
}

/* Without a log line: bursts call it too. */
static int
cover_chunks(const struct mlx5x_implicit *implicit, struct rte_mempool *pool)
{
	struct pool_walk walk = {.implicit = implicit};

	rte_mempool_mem_iter(pool, cover_chunk, &walk);
	return walk.ret;
}

static int
cover_pool(const struct mlx5x_implicit *implicit, struct rte_mempool *pool, bool is_new)
{
	struct pool_walk walk = {.implicit = implicit, .is_new = is_new};
	char reason[MLX5X_REASON_SIZE];

	if (implicit->mode == MLX5X_IMPLICIT_NONE)
		return 0;
	if (mlx5x_implicit_is_pinned(pool))
		walk_buffers(pool, &walk);
	else
		rte_mempool_mem_iter(pool, cover_chunk, &walk);
	if (walk.ret == 0)
		return 0;
	mlx5x_reason_write(walk.ret, walk.failed.start, walk.failed.len, true, reason);
	MLX5X_LOG(ERR, "%s: cannot register %zu bytes at %#" PRIxPTR " of pool '%s': %s",
		implicit->name, walk.failed.len, walk.failed.start, pool->name, reason);
	return walk.ret;
}

int
mlx5x_implicit_pool(const struct mlx5x_implicit *implicit, struct rte_mempool *pool)
{
	return cover_pool(implicit, pool, false);
}

int
mlx5x_implicit_new_pool(const struct mlx5x_implicit *implicit, struct rte_mempool *pool)
{
	return cover_pool(implicit, pool, true);
}

/* The pool whose chunks hold the data of the segment; NULL: external data. */
static struct rte_mempool *
owner_of(const struct rte_mbuf *seg)
{
	if (RTE_MBUF_HAS_EXTBUF(seg))
		return NULL;
	return RTE_MBUF_CLONED(seg) ?
		rte_mbuf_from_indirect((struct rte_mbuf *)(uintptr_t)seg)->pool : seg->pool;
}

/* All chunks of the pool at once, if it holds the address: later packets need the rest. */
static int
cover_owner(const struct mlx5x_implicit *implicit, struct rte_mempool *pool, uintptr_t addr,
	struct mlx5x_range *failed)
{
	struct mlx5x_range chunk;

	if (pool == NULL)
		return 0;
	chunk = find_chunk(pool, addr);
	if (chunk.len == 0 || !is_pools_own(implicit, &chunk))
		return 0;
	if (mlx5x_heap_unit(addr, failed) == -ENOENT)
		*failed = chunk;
	return cover_chunks(implicit, pool);
}

static int
cover_segment(const struct mlx5x_implicit *implicit, const struct rte_mbuf *seg,
	struct mlx5x_range *failed)
{
	uintptr_t start = rte_pktmbuf_mtod(seg, uintptr_t), missing;
	int ret = 0;

	*failed = (struct mlx5x_range){start, 1};
	if (seg->data_len > UINTPTR_MAX - start)
		return -EFAULT;
	missing = first_missing(implicit, start, start + seg->data_len);
	if (missing == start + seg->data_len)
		return 0;
	if (implicit->mode == MLX5X_IMPLICIT_MEMPOOL)
		ret = cover_owner(implicit, owner_of(seg), missing, failed);
	return ret == 0 ? cover_bytes(implicit, start, seg->data_len, failed) : ret;
}

/* The result is the same for all addresses. */
static int
refuse_all(struct mlx5x_range *failed)
{
	*failed = (struct mlx5x_range){0, SIZE_MAX};
	return -EFAULT;
}

int
mlx5x_implicit_packet(const struct mlx5x_implicit *implicit, const struct rte_mbuf *pkt,
	struct mlx5x_range *failed)
{
	int ret = 0;

	if (implicit->mode == MLX5X_IMPLICIT_NONE)
		return refuse_all(failed);
	for (; pkt != NULL && ret == 0; pkt = pkt->next)
		ret = cover_segment(implicit, pkt, failed);
	return ret;
}

/* False where two mappings meet in the buffer. */
static bool
has_one_key(const struct mlx5x_implicit *implicit, const struct mlx5x_range *buffer)
{
	const struct mlx5x_mr_entry *entry;
	bool found;

	pthread_mutex_lock(&implicit->mrs->lock);
	entry = mlx5x_mr_find(implicit->mrs, buffer->start);
	found = entry != NULL && buffer->len <= entry->len - (buffer->start - entry->start);
	pthread_mutex_unlock(&implicit->mrs->lock);
	return found;
}

int
mlx5x_implicit_buffer(const struct mlx5x_implicit *implicit, struct rte_mempool *pool,
	const struct mlx5x_range *buffer, struct mlx5x_range *failed)
{
	int ret;

	if (implicit->mode == MLX5X_IMPLICIT_NONE)
		return refuse_all(failed);
	*failed = *buffer;
	ret = cover_owner(implicit, mlx5x_implicit_is_pinned(pool) ? NULL : pool, buffer->start,
		failed);
	if (ret == 0)
		ret = cover_bytes(implicit, buffer->start, buffer->len, failed);
	if (ret == 0)
		ret = mlx5x_mr_ensure_whole(implicit->mrs, buffer);
	if (ret == 0 && !has_one_key(implicit, buffer)) {
		*failed = *buffer;
		ret = -EFAULT;
	}
	return ret;
}
