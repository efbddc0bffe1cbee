/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>

#define LOG_COMPONENT "rxq"
#include "common/log.h"
#include "queue/rx_pool.h"

struct pool_walk {
	uint16_t room;			/* what the pool says, with the headroom */
	const struct rte_mbuf *loose;	/* without shinfo; NULL: none */
	const struct rte_mbuf *narrow;	/* with less room; NULL: none */
	size_t has;			/* of the narrow one */
};

/* In all of its life, as external buffers are that are pinned. */
static void
check_pinned(struct rte_mempool *pool, void *opaque, void *object, unsigned int index)
{
	const struct rte_mbuf *mbuf = object;
	struct pool_walk *walk = opaque;

	if (mbuf->shinfo == NULL && walk->loose == NULL)
		walk->loose = mbuf;
	if (mbuf->buf_len < walk->room && walk->narrow == NULL) {
		walk->narrow = mbuf;
		walk->has = mbuf->buf_len;
	}
}

/*
 * All elements have one size, and their buffers begin at the same place. The first may be attached
 * to other memory just now, or have its buffer elsewhere: then nothing is known.
 */
static void
check_first(struct rte_mempool *pool, struct pool_walk *walk)
{
	struct rte_mempool_objhdr *header = STAILQ_FIRST(&pool->elt_list);
	const struct rte_mbuf *mbuf;
	uintptr_t off;

	if (header == NULL)
		return;
	mbuf = (const void *)(header + 1);
	off = (uintptr_t)mbuf->buf_addr - (uintptr_t)mbuf;
	if (mbuf->buf_addr != NULL && (off >= pool->elt_size || pool->elt_size - off >= walk->room))
		return;
	walk->narrow = mbuf;
	walk->has = mbuf->buf_addr == NULL ? 0 : pool->elt_size - off;
}

int
mlx5x_rx_pool_check(const char *name, struct rte_mempool *pool)
{
	struct pool_walk walk = {.room = rte_pktmbuf_data_room_size(pool)};

	if (walk.room <= RTE_PKTMBUF_HEADROOM) {
		MLX5X_LOG(ERR, "%s: pool '%s' has buffers of %u bytes, no more than the headroom "
			"of %u", name, pool->name, walk.room, RTE_PKTMBUF_HEADROOM);
		return -EINVAL;
	}
	if (rte_pktmbuf_priv_flags(pool) & RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF)
		rte_mempool_obj_iter(pool, check_pinned, &walk);
	else
		check_first(pool, &walk);
	if (walk.loose != NULL)
		MLX5X_LOG(ERR, "%s: pool '%s' has RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF, but its mbuf "
			"at %p has no shinfo, which a free needs: rte_pktmbuf_pool_create_extbuf() "
			"makes such pools", name, pool->name, (const void *)walk.loose);
	else if (walk.narrow != NULL)
		MLX5X_LOG(ERR, "%s: pool '%s' has a data room of %u bytes, but its mbuf at %p has "
			"a buffer of %zu, beyond which the device would write: correct "
			"mbuf_data_room_size, mbuf_priv_size or the size of elements", name,
			pool->name, walk.room, (const void *)walk.narrow, walk.has);
	return walk.loose != NULL || walk.narrow != NULL ? -EINVAL : 0;
}
