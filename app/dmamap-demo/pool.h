/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The two kinds of mbuf pool: buffers in a region, and in DPDK's own memory. Main thread only.
 */
#ifndef DMAMAP_DEMO_POOL_H
#define DMAMAP_DEMO_POOL_H

#include <stddef.h>
#include <stdint.h>

#include <rte_mempool.h>

#include "region.h"

/*
 * A pool whose buffers are pinned in the region and spread over all of it; at least n_min of
 * them, each for a packet of packet_size bytes. Returns NULL with a message in err when the
 * region is too small or there is no memory for the mbufs. Free with rte_mempool_free().
 */
struct rte_mempool *pool_create_on(const struct region *region, const char *name, uint32_t n_min,
	uint32_t packet_size, char *err, size_t err_len);

/* A pool in DPDK's own memory, n buffers. NULL with a message in err. */
struct rte_mempool *pool_create_native(const char *name, uint32_t n, uint32_t packet_size,
	char *err, size_t err_len);

#endif
