/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * implicit.h - implicit registration: memory that EAL owns needs no dma_map. Depending on the
 * device argument mr_implicit it is registered when a mempool is created on it, or when a queue
 * first needs it, and deregistered when the pool or the memory is freed. Memory that is only
 * registered with rte_extmem_register() is not EAL's: it has no lkey until the application maps it.
 * Memory that EAL has never heard of cannot be mapped, as EAL refuses the call: with
 * mr_implicit=mempool a chunk of a pool there is registered when a queue first uses the pool.
 *
 * Registered ranges, and their end (mr.h has the states):
 *   a chunk of a pool, exactly its range, under one lkey    with the pool
 *   other memory, the unit of its address (heap.h)          when EAL frees it
 *   the pages of a pool of pinned buffers, for Rx           when EAL frees them
 * and all of them with the port. With mr_implicit=none nothing is registered, but mappings still
 * lose the pages that EAL frees.
 *
 * Called by the thread that had the miss, outside its gate, without any lock of this driver or of
 * EAL. The caller uses the memory (it sends it, receives into it or creates a pool on it), so that
 * nobody frees it meanwhile; if somebody does, mlx5x_mr_invalidate() finds the registration in
 * progress. May sleep.
 */
#ifndef MLX5X_IMPLICIT_H_
#define MLX5X_IMPLICIT_H_

#include <stdbool.h>
#include <stdint.h>

#include "mr/range.h"

struct mlx5x_mr_table;
struct rte_mbuf;
struct rte_mempool;

/* The memory that the driver registers without a map. */
enum mlx5x_implicit_mode {
	MLX5X_IMPLICIT_MEMPOOL,	/* each mempool when it is created; EAL's rest at its first use */
	MLX5X_IMPLICIT_EAL,	/* the unit around an address, at its first use */
	MLX5X_IMPLICIT_NONE,	/* nothing: rte_dev_dma_map() alone */
};

/* One per port; constant. */
struct mlx5x_implicit {
	const char *name;		/* the port's, for the log */
	struct mlx5x_mr_table *mrs;
	enum mlx5x_implicit_mode mode;
};

/* True for a pool of pinned external buffers: their data is outside its chunks. */
bool mlx5x_implicit_is_pinned(struct rte_mempool *pool);

/*
 * Registers all buffers of the pool that lie in EAL heaps, each under one lkey, and its chunks of
 * which EAL has never heard. 0, also if there is none; or -errno of a registration, logged. Walks
 * all mbufs of a pool of pinned buffers: not for bursts.
 */
int mlx5x_implicit_pool(const struct mlx5x_implicit *implicit, struct rte_mempool *pool);

/*
 * The same for a pool that has just been created, without its chunks of which EAL has not heard
 * yet: the application may be about to register and map them.
 */
int mlx5x_implicit_new_pool(const struct mlx5x_implicit *implicit, struct rte_mempool *pool);

/*
 * Registers the data of a packet, for a burst: the cost does not depend on the number of mbufs in
 * the pool. 0: all of it has lkeys now; -EFAULT: the application's, or mr_implicit=none; or -errno
 * of a registration. On error *failed is a range around the address at fault for which the result
 * would be the same.
 */
int mlx5x_implicit_packet(const struct mlx5x_implicit *implicit, const struct rte_mbuf *pkt,
	struct mlx5x_range *failed);

/*
 * The same for a buffer of an Rx queue's pool, under one lkey. -EFAULT also if two mappings meet in
 * the buffer.
 */
int mlx5x_implicit_buffer(const struct mlx5x_implicit *implicit, struct rte_mempool *pool,
	const struct mlx5x_range *buffer, struct mlx5x_range *failed);

#endif
