/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_mempool.h>

#include "queue/tx_free.h"
#include "queue/txq.h"

/*
 * A packet of one direct buffer, which returns to its pool as it is. With nb_segs of 1 the second
 * cache line of the mbuf, with its next pointer, need not be read.
 */
static inline bool
is_plain(const struct rte_mbuf *pkt)
{
	return likely(rte_mbuf_refcnt_read(pkt) == 1) && likely(pkt->nb_segs == 1) &&
		likely(RTE_MBUF_DIRECT(pkt));
}

/* The leading packets that are plain and of one pool; returns how many. */
static inline uint32_t
free_plain(struct rte_mbuf **pkts, uint32_t n)
{
	struct rte_mempool *pool = pkts[0]->pool;
	uint32_t i;

	for (i = 0; i < n && is_plain(pkts[i]) && pkts[i]->pool == pool; i++)
		;
	if (i != 0)
		rte_mempool_put_bulk(pool, (void **)pkts, i);
	return i;
}

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

/* The leading packets that are not plain; returns how many. */
static uint32_t
free_others(struct rte_mbuf **pkts, uint32_t n)
{
	struct rte_mbuf *seg, *next;
	struct returns returns;
	bool single;
	uint32_t i;

	returns.pool = NULL;
	returns.n = 0;
	for (i = 0; i < n && !is_plain(pkts[i]); i++) {
		single = pkts[i]->nb_segs == 1;
		for (seg = pkts[i]; seg != NULL; seg = next) {
			next = single ? NULL : seg->next;
			free_segment(&returns, seg);
		}
	}
	give_back(&returns);
	return i;
}

static inline void
free_packets(struct rte_mbuf **pkts, uint32_t n)
{
	uint32_t i = 0;

	while (i < n)
		i += likely(is_plain(pkts[i])) ? free_plain(&pkts[i], n - i) :
			free_others(&pkts[i], n - i);
}

uint32_t
mlx5x_tx_free(struct mlx5x_txq *txq, uint32_t max)
{
	/* Acquire; pairs with the release in tx_reap, which another thread may have called. */
	uint32_t done = __atomic_load_n(&txq->done, __ATOMIC_ACQUIRE);
	uint32_t total = RTE_MIN(done - txq->freed, max), end = txq->freed + total, at, n;
	struct rte_mbuf **pkts;

	/*
	 * Twice if the range wraps. `freed` advances before a callback can call back into the
	 * queue.
	 */
	while ((int32_t)(end - txq->freed) > 0) {
		at = txq->freed & (txq->size - 1);
		n = RTE_MIN(end - txq->freed, txq->size - at);
		pkts = &txq->elts[at];
		txq->freed += n;
		if (txq->fast_free)
			rte_mempool_put_bulk(pkts[0]->pool, (void **)pkts, n);
		else
			free_packets(pkts, n);
	}
	return total;
}
