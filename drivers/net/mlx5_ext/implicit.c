/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <ethdev_driver.h>
#include <rte_common.h>
#include <rte_eal_memconfig.h>
#include <rte_errno.h>
#include <rte_fbarray.h>
#include <rte_mbuf.h>
#include <rte_memory.h>
#include <rte_mempool.h>

#define LOG_ROOM "implicit"
#include "device.h"
#include "implicit.h"
#include "log.h"
#include "port.h"

/* At most this much is pinned for one miss that no pool explains. */
#define AROUND_MAX (UINT64_C(32) << 20)

static struct rte_memseg_list *
heap_of(uintptr_t addr)
{
	struct rte_memseg_list *msl = rte_mem_virt2memseg_list((void *)addr);

	return msl != NULL && msl->heap ? msl : NULL;
}

/* EAL's memory lock held: the pages in use around addr, within an aligned block of AROUND_MAX. */
static struct mlx5x_range
pages_around(struct rte_memseg_list *msl, uintptr_t addr)
{
	uint64_t page = msl->page_sz;
	uint64_t block = RTE_MAX(page, AROUND_MAX);
	uintptr_t base = (uintptr_t)msl->base_va;
	int index = (addr - base) / page;
	int before = rte_fbarray_find_rev_contig_used(&msl->memseg_arr, index);
	int after = rte_fbarray_find_contig_used(&msl->memseg_arr, index);
	uintptr_t start, end;

	if (before <= 0 || after <= 0)
		return (struct mlx5x_range){0};
	start = RTE_MAX(base + (index + 1 - before) * page, RTE_ALIGN_FLOOR(addr, block));
	end = RTE_MIN(base + (index + (uintptr_t)after) * page, RTE_ALIGN_FLOOR(addr, block) + block);
	return (struct mlx5x_range){start, end - start};
}

static int
cover_around(struct mlx5x_port *port, uintptr_t addr)
{
	struct rte_memseg_list *msl;
	struct mlx5x_range range;
	int ret = -EFAULT;

	rte_mcfg_mem_read_lock();
	msl = heap_of(addr);
	if (msl != NULL) {
		range = pages_around(msl, addr);
		if (range.len != 0)
			ret = mlx5x_mr_cover(port->mrs, &range);
	}
	rte_mcfg_mem_read_unlock();
	return ret;
}

/* The address after what has keys from start on; end if all has. */
static uintptr_t
first_missing(struct mlx5x_port *port, uintptr_t start, uintptr_t end)
{
	const struct mlx5x_mr_entry *entry;

	pthread_mutex_lock(&port->mrs->lock);
	while (start < end && (entry = mlx5x_mr_find(port->mrs, start)) != NULL)
		start = entry->start + entry->len;
	pthread_mutex_unlock(&port->mrs->lock);
	return start;
}

/* Each byte that has no key yet, in steps of what lies around it. */
static int
cover_bytes(struct mlx5x_port *port, uintptr_t start, size_t len)
{
	uintptr_t end = start + len;
	int ret;

	while ((start = first_missing(port, start, end)) < end) {
		ret = cover_around(port, start);
		if (ret != 0)
			return ret;
	}
	return 0;
}

struct pool_walk {
	struct mlx5x_port *port;
	int ret;
};

/* Held until the region is in the table, else a page freed meanwhile would stay in it. */
static int
cover_heap(struct mlx5x_port *port, const struct mlx5x_range *range)
{
	int ret = 0;

	rte_mcfg_mem_read_lock();
	if (heap_of(range->start) != NULL)
		ret = mlx5x_mr_cover(port->mrs, range);
	rte_mcfg_mem_read_unlock();
	return ret;
}

static void
cover_chunk(struct rte_mempool *pool, void *opaque, struct rte_mempool_memhdr *chunk,
	unsigned int index)
{
	struct mlx5x_range range = {(uintptr_t)chunk->addr, chunk->len};
	struct pool_walk *walk = opaque;

	if (walk->ret != 0 || heap_of(range.start) == NULL)
		return;
	if (walk->port->devargs.implicit == MLX5X_IMPLICIT_MEMPOOL)
		walk->ret = cover_heap(walk->port, &range);
	else
		walk->ret = cover_bytes(walk->port, range.start, range.len);
}

static void
cover_buffer(struct rte_mempool *pool, void *opaque, void *object, unsigned int index)
{
	const struct rte_mbuf *mbuf = object;
	struct pool_walk *walk = opaque;

	if (walk->ret == 0 && heap_of((uintptr_t)mbuf->buf_addr) != NULL)
		walk->ret = cover_bytes(walk->port, (uintptr_t)mbuf->buf_addr, mbuf->buf_len);
}

/* A pool of pinned external buffers has its data anywhere but in its own chunks. */
static bool
is_pinned(struct rte_mempool *pool)
{
	return pool->private_data_size >= sizeof(struct rte_pktmbuf_pool_private) &&
		(rte_pktmbuf_priv_flags(pool) & RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF) != 0;
}

int
mlx5x_implicit_pool(struct mlx5x_port *port, struct rte_mempool *pool)
{
	struct pool_walk walk = {.port = port};

	if (port->devargs.implicit == MLX5X_IMPLICIT_NONE)
		return 0;
	if (is_pinned(pool))
		rte_mempool_obj_iter(pool, cover_buffer, &walk);
	else
		rte_mempool_mem_iter(pool, cover_chunk, &walk);
	if (walk.ret != 0)
		MLX5X_LOG(ERR, "%s: cannot register pool '%s': %s", port->dev->data->name,
			pool->name, strerror(-walk.ret));
	return walk.ret;
}

static int
cover_segment(struct mlx5x_port *port, const struct rte_mbuf *seg)
{
	uintptr_t start = rte_pktmbuf_mtod(seg, uintptr_t);
	int ret;

	if (first_missing(port, start, start + seg->data_len) >= start + seg->data_len)
		return 0;
	if (port->devargs.implicit == MLX5X_IMPLICIT_NONE)
		return -EFAULT;
	/* The packets to come will need the rest of the pool. */
	ret = mlx5x_implicit_pool(port, seg->pool);
	return ret == 0 ? cover_bytes(port, start, seg->data_len) : ret;
}

int
mlx5x_implicit_packet(struct mlx5x_port *port, const struct rte_mbuf *pkt)
{
	int ret = 0;

	for (; pkt != NULL && ret == 0; pkt = pkt->next)
		ret = cover_segment(port, pkt);
	return ret;
}

/* Called by EAL with its memory lock held for writing. */
static void
on_memory_event(enum rte_mem_event event, const void *addr, size_t len, void *arg)
{
	struct mlx5x_range range = {(uintptr_t)addr, len};
	struct mlx5x_port *port = arg;
	struct mlx5x_mr_loss loss;

	if (event == RTE_MEM_EVENT_FREE)
		mlx5x_mr_forget(port->mrs, &range, &loss);
}

static void
retire_chunk(struct rte_mempool *pool, void *opaque, struct rte_mempool_memhdr *chunk,
	unsigned int index)
{
	struct mlx5x_range range = {(uintptr_t)chunk->addr, chunk->len};
	struct mlx5x_port *port = opaque;

	mlx5x_mr_retire(port->mrs, &range, 1);
}

/* A pinned pool is not filled in yet when it is ready: it waits for its first packet. */
static void
follow_mempool(struct mlx5x_port *port, enum rte_mempool_event event, struct rte_mempool *pool)
{
	if (port->devargs.implicit != MLX5X_IMPLICIT_MEMPOOL || pool->flags & RTE_MEMPOOL_F_NON_IO)
		return;
	if (event == RTE_MEMPOOL_EVENT_DESTROY)
		rte_mempool_mem_iter(pool, retire_chunk, port);
	else if (!is_pinned(pool))
		mlx5x_implicit_pool(port, pool);
}

/*
 * For all ports. EAL calls it without a lock, so it may be under way in another thread when it has been
 * unregistered: it stays registered for good, and holds what it works on.
 */
static void
on_mempool_event(enum rte_mempool_event event, struct rte_mempool *pool, void *arg)
{
	struct mlx5x_holder holder;
	struct mlx5x_port *port;
	uintptr_t serial = 0;

	while ((port = mlx5x_device_next_port(&serial, &holder)) != NULL) {
		follow_mempool(port, event, pool);
		mlx5x_hold_let_go(&holder);
	}
}

static void
cover_existing(struct rte_mempool *pool, void *arg)
{
	follow_mempool(arg, RTE_MEMPOOL_EVENT_READY, pool);
}

void
mlx5x_implicit_cover_all(struct mlx5x_port *port)
{
	if (port->devargs.implicit == MLX5X_IMPLICIT_MEMPOOL)
		rte_mempool_walk(cover_existing, port);
}

static void
callback_name(const struct mlx5x_port *port, char *name, size_t size)
{
	snprintf(name, size, "mlx5_ext_%u", port->dev->data->port_id);
}

int
mlx5x_implicit_start(struct mlx5x_port *port)
{
	char name[RTE_MEM_EVENT_CALLBACK_NAME_LEN];
	int ret;

	if (port->devargs.implicit == MLX5X_IMPLICIT_NONE)
		return 0;
	callback_name(port, name, sizeof(name));
	/* Legacy memory never changes, so there is nothing to follow. */
	if (rte_mem_event_callback_register(name, on_memory_event, port) != 0 &&
	    rte_errno != ENOTSUP)
		return -rte_errno;
	if (rte_mempool_event_callback_register(on_mempool_event, NULL) == 0 ||
	    rte_errno == EEXIST)
		return 0;
	ret = -rte_errno;
	rte_mem_event_callback_unregister(name, port);
	return ret;
}

/* Also with mr_implicit=none, where nothing was started. */
void
mlx5x_implicit_stop(struct mlx5x_port *port)
{
	const struct mlx5x_range all = {0, SIZE_MAX};
	char name[RTE_MEM_EVENT_CALLBACK_NAME_LEN];

	callback_name(port, name, sizeof(name));
	rte_mem_event_callback_unregister(name, port);
	mlx5x_mr_retire(port->mrs, &all, 1);
}
