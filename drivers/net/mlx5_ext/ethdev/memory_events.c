/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <ethdev_driver.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_memory.h>
#include <rte_mempool.h>

#define LOG_COMPONENT "implicit"
#include "common/log.h"
#include "common/reason.h"
#include "device/device.h"
#include "ethdev/memory_events.h"
#include "mr/heap.h"
#include "mr/implicit.h"
#include "queue/port.h"

/*
 * Called by EAL with its memory lock held for writing. Invalidates all MRs in the range, for new
 * memory too, since an application may have unregistered its own there without unmapping it.
 */
static void
on_memory_event(enum rte_mem_event event, const void *addr, size_t len, void *arg)
{
	struct mlx5x_range range = {(uintptr_t)addr, len};
	struct mlx5x_port *port = arg;
	struct mlx5x_mr_loss loss;

	mlx5x_mr_invalidate(port->mrs, &range, &loss);
	if (loss.mappings != 0)
		MLX5X_LOG(WARNING, "%s: EAL %s %zu bytes at %#" PRIxPTR ", part of %u mappings, "
			"the first of %zu bytes at %#" PRIxPTR ": they have no lkey there any "
			"more; unmap memory before it is freed", port->dev->data->name,
			event == RTE_MEM_EVENT_FREE ? "frees" : "adds", len, range.start,
			loss.mappings, loss.mapping.len, loss.mapping.start);
}

/* A list of ranges, incomplete if memory runs out. */
struct chunk_list {
	struct mlx5x_range *ranges;
	size_t n, size;
};

static bool
make_room(struct chunk_list *list)
{
	size_t size = list->size * 2 + 16;
	struct mlx5x_range *ranges;

	if (list->n < list->size)
		return true;
	ranges = realloc(list->ranges, size * sizeof(*ranges));
	if (ranges == NULL)
		return false;
	list->ranges = ranges;
	list->size = size;
	return true;
}

static void
list_chunk(struct rte_mempool *pool, void *opaque, struct rte_mempool_memhdr *chunk,
	unsigned int index)
{
	struct chunk_list *list = opaque;

	if (chunk->len != 0 && make_room(list))
		list->ranges[list->n++] = (struct mlx5x_range){(uintptr_t)chunk->addr, chunk->len};
}

/* Ranges missing on an incomplete list are retired when EAL frees their memory. */
static void
end_pool(struct mlx5x_port *port, struct rte_mempool *pool)
{
	struct chunk_list list = {0};

	rte_mempool_mem_iter(pool, list_chunk, &list);
	if (list.n != 0)
		mlx5x_mr_retire(port->mrs, list.ranges, list.n);
	free(list.ranges);
}

/*
 * At its READY event a pinned pool does not have its external buffers yet: it is registered with
 * the queue that uses it.
 */
static bool
has_packets_in_chunks(struct rte_mempool *pool)
{
	return !(pool->flags & RTE_MEMPOOL_F_NON_IO) && !mlx5x_implicit_is_pinned(pool);
}

static void
follow_mempool(struct mlx5x_port *port, enum rte_mempool_event event, struct rte_mempool *pool)
{
	if (port->implicit.mode == MLX5X_IMPLICIT_NONE)
		return;
	/* A queue may have registered any pool, whatever its flags are. */
	if (event == RTE_MEMPOOL_EVENT_DESTROY)
		end_pool(port, pool);
	else if (port->implicit.mode == MLX5X_IMPLICIT_MEMPOOL && has_packets_in_chunks(pool))
		mlx5x_implicit_new_pool(&port->implicit, pool);
}

/*
 * For all ports. EAL calls it without a lock, so it could still run in another thread after being
 * unregistered: it is never unregistered, and holds a reference to each port that it works on.
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
list_pool(struct rte_mempool *pool, void *arg)
{
	if (has_packets_in_chunks(pool))
		rte_mempool_mem_iter(pool, list_chunk, arg);
}

/*
 * Lists the chunks under EAL's lock and registers them without it. The pages of a chunk freed
 * meanwhile are still EAL's, and its MR ends with them. Chunks that EAL does not know are left to
 * the queues that use them, as in a new pool.
 */
void
mlx5x_memory_events_cover_pools(struct mlx5x_port *port)
{
	struct chunk_list list = {0};
	char reason[MLX5X_REASON_SIZE];
	size_t i;
	int ret = 0;

	if (port->implicit.mode != MLX5X_IMPLICIT_MEMPOOL)
		return;
	rte_mempool_walk(list_pool, &list);
	for (i = 0; i < list.n && ret == 0; i++)
		if (mlx5x_heap_has(list.ranges[i].start))
			ret = mlx5x_mr_ensure_whole(port->mrs, &list.ranges[i]);
	if (ret != 0) {
		mlx5x_reason_write(ret, list.ranges[i - 1].start, list.ranges[i - 1].len, true,
			reason);
		MLX5X_LOG(ERR, "%s: cannot register a pool's %zu bytes at %#" PRIxPTR ": %s",
			port->dev->data->name, list.ranges[i - 1].len, list.ranges[i - 1].start,
			reason);
	}
	free(list.ranges);
}

static void
callback_name(const struct mlx5x_port *port, char *name, size_t size)
{
	snprintf(name, size, "mlx5_ext_%u", port->dev->data->port_id);
}

static int
follow_mempools(const struct mlx5x_port *port)
{
	if (port->implicit.mode == MLX5X_IMPLICIT_NONE)
		return 0;
	return rte_mempool_event_callback_register(on_mempool_event, NULL) == 0 ||
		rte_errno == EEXIST ? 0 : -rte_errno;
}

int
mlx5x_memory_events_start(struct mlx5x_port *port)
{
	char name[RTE_MEM_EVENT_CALLBACK_NAME_LEN];
	int ret;

	callback_name(port, name, sizeof(name));
	if (rte_mem_event_callback_register(name, on_memory_event, port) != 0) {
		if (rte_errno != ENOTSUP)
			return -rte_errno;
		/* Legacy memory never changes: no events. */
		mlx5x_heap_set_fixed();
	}
	ret = follow_mempools(port);
	if (ret != 0)
		rte_mem_event_callback_unregister(name, port);
	return ret;
}

void
mlx5x_memory_events_stop(struct mlx5x_port *port)
{
	const struct mlx5x_range all = {0, SIZE_MAX};
	char name[RTE_MEM_EVENT_CALLBACK_NAME_LEN];

	callback_name(port, name, sizeof(name));
	rte_mem_event_callback_unregister(name, port);
	mlx5x_mr_retire(port->mrs, &all, 1);
}
