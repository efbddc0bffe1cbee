/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * implicit.h - memory that EAL owns needs no dma_map: it gets its key with the mempool that is made
 * of it, or when a queue first needs it, as the argument mr_implicit says, and loses it when the
 * pool or the memory goes. Memory that the application only registered with rte_extmem_register()
 * is not EAL's: it stays without a key until it is mapped.
 *
 * What is registered, and when it ends (mr.h has the states):
 *   a pool's chunk, as exactly its range, under one key     with the pool
 *   other memory, what goes with its address (heap.h)       when EAL frees it
 *   the pages of a pool of pinned buffers, for Rx           when EAL frees them
 * and all of it with the port. With mr_implicit=none nothing is registered, but mappings lose the pages
 * that EAL frees.
 *
 * By the thread that met the miss, outside any gate and any lock of ours, and of EAL's: what is
 * registered is in use by the caller, who is sending it, receiving into it, or making a pool of it, so
 * it cannot go meanwhile. If it does nevertheless, mlx5x_mr_invalidate() finds the arrival. May sleep.
 */
#ifndef MLX5X_IMPLICIT_H_
#define MLX5X_IMPLICIT_H_

#include <stdbool.h>
#include <stdint.h>

#include "mr/range.h"

struct mlx5x_mr_table;
struct rte_mbuf;
struct rte_mempool;

/* What the driver registers by itself, of memory that EAL owns. */
enum mlx5x_implicit_mode {
	MLX5X_IMPLICIT_MEMPOOL,	/* each mempool as it is made; the rest when it is first met */
	MLX5X_IMPLICIT_EAL,	/* what lies around an address, when it is first met */
	MLX5X_IMPLICIT_NONE,	/* nothing: all is up to rte_dev_dma_map() */
};

/* Of one port; constant. */
struct mlx5x_implicit {
	const char *name;		/* the port's, for the log */
	struct mlx5x_mr_table *mrs;
	enum mlx5x_implicit_mode mode;
};

/* A pool of pinned external buffers has its data anywhere but in its own chunks. */
bool mlx5x_implicit_is_pinned(struct rte_mempool *pool);

/*
 * Every buffer of the pool that lies in an EAL heap, each under one key. 0, also if none does; or -errno
 * after a line in the log. Looks at each mbuf of a pool of pinned buffers: not for bursts.
 */
int mlx5x_implicit_pool(const struct mlx5x_implicit *implicit, struct rte_mempool *pool);

/*
 * For a burst, at a cost that does not depend on the number of mbufs. 0 if all of it has keys now; else
 * -EFAULT: not in an EAL heap, or mr_implicit=none; or the -errno of a registration. With an error,
 * *failed is a range, around the address at fault, for which the answer is the same.
 */
int mlx5x_implicit_packet(const struct mlx5x_implicit *implicit, const struct rte_mbuf *pkt,
	struct mlx5x_range *failed);

/* The same for a buffer of an Rx queue's pool, which gets one key. */
int mlx5x_implicit_buffer(const struct mlx5x_implicit *implicit, struct rte_mempool *pool,
	const struct mlx5x_range *buffer, struct mlx5x_range *failed);

#endif
