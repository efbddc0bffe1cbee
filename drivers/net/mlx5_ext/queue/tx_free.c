/* SPDX-License-Identifier: BSD-3-Clause */
#include "queue/tx_free.h"

/* Segments to be returned to one pool. */
struct returns {
	struct rte_mempool *pool;
	uint32_t n;
	struct rte_mbuf *segs[64];
};

static inline void
give_back(struct returns *returns)
{
	if (returns->n != 0)
		rte_mempool_put_bulk(returns->pool, (void **)returns->segs, returns->n);
	returns->n = 0;
}

static inline void
free_segment(struct returns *returns, struct rte_mbuf *seg)
{
	seg = rte_pktmbuf_prefree_seg(seg);
	if (unlikely(seg == NULL))
		return;
	if (unlikely(seg->pool != returns->pool) ||
	    unlikely(returns->n == RTE_DIM(returns->segs))) {
		give_back(returns);
		returns->pool = seg->pool;
	}
	returns->segs[returns->n++] = seg;
}

void
mlx5x_tx_free_each(struct rte_mbuf **pkts, uint32_t n)
{
	struct rte_mbuf *seg, *next;
	struct returns returns;
	bool single;
	uint32_t i;

	returns.pool = NULL;
	returns.n = 0;
	for (i = 0; i < n; i++) {
		/* So the second cache line, with the next pointer, need not be read. */
		single = pkts[i]->nb_segs == 1;
		for (seg = pkts[i]; seg != NULL; seg = next) {
			next = single ? NULL : seg->next;
			free_segment(&returns, seg);
		}
	}
	give_back(&returns);
}

uint32_t
mlx5x_tx_free(struct mlx5x_txq *txq, uint32_t max)
{
	return mlx5x_tx_free_completed(txq, max);
}
