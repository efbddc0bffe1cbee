/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the division of a region into packet buffers.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "pool.h"

#define MAX_BUFFERS 4096u /* beyond that, buffers get larger, not more */
#define MAX_ELEMENT (UINT16_MAX / 2 + 1) /* largest power of two that rte_pktmbuf_extmem holds */

/* NICs round a buffer size down to the granularity of their descriptors; 2 KiB suits all. */
static uint32_t
data_room(uint32_t packet_size)
{
	uint32_t room = RTE_MAX(packet_size, (uint32_t)RTE_MBUF_DEFAULT_DATAROOM);

	return RTE_PKTMBUF_HEADROOM + RTE_ALIGN_CEIL(room, 1024);
}

/*
 * Bytes from one buffer to the next. A power of two, so that no buffer crosses the boundary of a
 * larger page: adjacent virtual pages need not be adjacent in physical memory, and QEMU's e1000e
 * and vmxnet3 silently drop a Tx buffer in two pieces. Large enough for a mempool of MAX_BUFFERS to
 * cover the whole region, if possible.
 */
static uint32_t
element_size(const struct region *region, uint32_t room)
{
	size_t spread = rte_align64prevpow2(RTE_MAX(region->len / MAX_BUFFERS, (size_t)1));
	uint32_t least = rte_align32pow2(room);

	spread = RTE_MIN(spread, (size_t)MAX_ELEMENT);
	return RTE_MAX((uint32_t)spread, least);
}

static struct rte_mempool *
create_pinned(const struct region *region, const char *name, uint32_t n, uint32_t room,
	uint32_t element)
{
	struct rte_pktmbuf_extmem *areas = calloc(region->n_chunks, sizeof(*areas));
	struct rte_mempool *pool;
	unsigned int i;

	if (areas == NULL) {
		rte_errno = ENOMEM;
		return NULL;
	}
	for (i = 0; i < region->n_chunks; i++) {
		areas[i].buf_ptr = region->chunks[i].addr;
		areas[i].buf_iova = region->chunks[i].iova;
		areas[i].buf_len = region->chunks[i].len;
		areas[i].elt_size = element;
	}
	pool = rte_pktmbuf_pool_create_extbuf(name, n, 0, 0, room, SOCKET_ID_ANY, areas,
		region->n_chunks);
	free(areas);
	return pool;
}

struct rte_mempool *
pool_create_on(const struct region *region, const char *name, uint32_t n_min,
	uint32_t packet_size, char *err, size_t err_len)
{
	uint32_t room = data_room(packet_size);
	uint32_t element = element_size(region, room);
	size_t n = region->n_chunks * (region->chunks[0].len / element);
	struct rte_mempool *pool;

	if (n < n_min) {
		snprintf(err, err_len,
			"--size: %zu bytes hold %zu buffers for packets of %u bytes, "
			"this port needs %u: give at least %zu",
			region->len, n, packet_size, n_min, (size_t)n_min * element);
		return NULL;
	}
	pool = create_pinned(region, name, RTE_MIN(n, (size_t)MAX_BUFFERS), room, element);
	if (pool == NULL)
		snprintf(err, err_len, "rte_pktmbuf_pool_create_extbuf: %s",
			rte_strerror(rte_errno));
	return pool;
}

struct rte_mempool *
pool_create_native(const char *name, uint32_t n, uint32_t packet_size, char *err, size_t err_len)
{
	struct rte_mempool *pool;

	pool = rte_pktmbuf_pool_create(name, n, 0, 0, data_room(packet_size), SOCKET_ID_ANY);
	if (pool == NULL)
		snprintf(err, err_len, "rte_pktmbuf_pool_create: %s", rte_strerror(rte_errno));
	return pool;
}
