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

/* One buffer of one reference: of a direct one the second cache line, with next, is not read. */
static inline void
free_single(struct returns *returns, struct rte_mbuf *pkt)
{
	if (likely(is_returnable(returns, pkt)))
		returns->segs[returns->n++] = pkt;
	else
		free_odd(returns, pkt);
}

/* One buffer, to which others have references: an application keeps what it sends again. */
static inline bool
is_shared_single(const struct rte_mbuf *pkt)
{
	return mlx5x_tx_counts(pkt) - MLX5X_TX_COUNTS(1, 2) <= UINT16_MAX - 2;
}

void
mlx5x_tx_free_each(struct rte_mbuf **pkts, uint32_t n)
{
	struct returns returns;
	struct rte_mbuf *pkt;
	uint32_t i;

	returns.pool = NULL;
	returns.n = 0;
	for (i = 0; i < n; i++) {
		pkt = pkts[i];
		if (likely(is_shared_single(pkt))) {
			/* As rte_pktmbuf_prefree_seg(), which would read the number once more. */
			if (likely(__rte_mbuf_refcnt_update(pkt, -1) != 0))
				continue;
			rte_mbuf_refcnt_set(pkt, 1);
		}
		if (likely(pkt->nb_segs == 1) && likely(rte_mbuf_refcnt_read(pkt) == 1))
			free_single(&returns, pkt);
		else
			free_chain(&returns, pkt);
	}
	give_back(&returns);
}

uint32_t
mlx5x_tx_free(struct mlx5x_txq *txq, uint32_t max)
{
	return mlx5x_tx_free_completed(txq, max);
}
