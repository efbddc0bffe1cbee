/* SPDX-License-Identifier: BSD-3-Clause */
#include "queue/tx_free.h"

/* Segments to be returned to one pool. */
struct returns {
	struct rte_mempool *pool;
	uint32_t n;
	struct rte_mbuf *segs[64];
};

static __rte_noinline void
give_back(struct returns *returns)
{
	if (returns->n != 0)
		rte_mempool_put_bulk(returns->pool, (void **)returns->segs, returns->n);
	returns->n = 0;
}

static __rte_noinline void
free_odd(struct returns *returns, struct rte_mbuf *seg)
{
	seg = rte_pktmbuf_prefree_seg(seg);
	if (seg == NULL)
		return;
	if (seg->pool != returns->pool || returns->n == RTE_DIM(returns->segs)) {
		give_back(returns);
		returns->pool = seg->pool;
	}
	returns->segs[returns->n++] = seg;
}

/* Of a segment with one reference: direct, of the pool, and there is room for it. */
static inline bool
is_returnable(const struct returns *returns, const struct rte_mbuf *seg)
{
	return likely(RTE_MBUF_DIRECT(seg)) && likely(seg->pool == returns->pool) &&
		likely(returns->n != RTE_DIM(returns->segs));
}

static inline void
free_chain(struct returns *returns, struct rte_mbuf *seg)
{
	struct rte_mbuf *next;

	for (; seg != NULL; seg = next) {
		next = seg->next;
		if (unlikely(rte_mbuf_refcnt_read(seg) != 1) ||
		    unlikely(!is_returnable(returns, seg))) {
			free_odd(returns, seg);
			continue;
		}
		/* As the pool's mbufs have to be. */
		seg->next = NULL;
		seg->nb_segs = 1;
		returns->segs[returns->n++] = seg;
	}
}

/* One buffer: of a direct one the second cache line, with the next pointer, need not be read. */
static inline void
free_single(struct returns *returns, struct rte_mbuf *pkt)
{
	/* Usual for memory that the application sends again: it holds a reference of its own. */
	if (rte_mbuf_refcnt_read(pkt) != 1) {
		/* As in rte_pktmbuf_prefree_seg(): without reading the number once more. */
		if (likely(__rte_mbuf_refcnt_update(pkt, -1) != 0))
			return;
		rte_mbuf_refcnt_set(pkt, 1);
	} else if (likely(is_returnable(returns, pkt))) {
		returns->segs[returns->n++] = pkt;
		return;
	}
	free_odd(returns, pkt);
}

void
mlx5x_tx_free_each(struct rte_mbuf **pkts, uint32_t n)
{
	struct returns returns;
	uint32_t i;

	returns.pool = NULL;
	returns.n = 0;
	for (i = 0; i < n; i++) {
		if (likely(pkts[i]->nb_segs == 1))
			free_single(&returns, pkts[i]);
		else
			free_chain(&returns, pkts[i]);
	}
	give_back(&returns);
}

uint32_t
mlx5x_tx_free(struct mlx5x_txq *txq, uint32_t max)
{
	return mlx5x_tx_free_completed(txq, max);
}
