/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include <rte_malloc.h>
#include <rte_mempool.h>

#include "queue/recover.h"
#include "queue/txq.h"
#include "queue/wire.h"

/* A packet is the device's until its completion is taken in. */
static bool
owns(struct mlx5x_mr_user *user, const struct mlx5x_range *range)
{
	struct mlx5x_txq *txq = container_of(user, struct mlx5x_txq, user);
	const struct rte_mbuf *seg;
	uint32_t i;

	if (txq->cq != NULL)
		txq->dp->tx_reap(txq);
	for (i = txq->done; i != txq->head; i++)
		for (seg = txq->elts[i & (txq->size - 1)]; seg != NULL; seg = seg->next)
			if (mlx5x_range_touches(range, rte_pktmbuf_mtod(seg, uintptr_t),
					seg->data_len))
				return true;
	return false;
}

static int
alloc_ring(struct mlx5x_txq *txq, unsigned int socket)
{
	txq->elts = rte_calloc_socket("mlx5_ext tx elts", txq->size, sizeof(*txq->elts), 0, socket);
	return txq->elts != NULL ? 0 : -ENOMEM;
}

static void
destroy(struct mlx5x_txq *txq)
{
	if (txq == NULL)
		return;
	rte_free(txq->elts);
	rte_free(txq);
}

/* Of a chain, nobody would free what is behind the first segment. */
static void
choose_freeing(struct mlx5x_txq *txq, uint64_t offloads)
{
	txq->fast_free = (offloads & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE) != 0 &&
		(offloads & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) == 0;
	if (txq->fast_free)
		txq->max_segs = 1;
}

int
mlx5x_txq_setup(struct rte_eth_dev *dev, uint16_t index, uint16_t nb_desc, unsigned int socket,
	const struct rte_eth_txconf *conf)
{
	struct mlx5x_port *port = dev->data->dev_private;
	struct mlx5x_txq *txq;
	int ret;

	txq = rte_zmalloc_socket("mlx5_ext txq", sizeof(*txq), RTE_CACHE_LINE_SIZE, socket);
	if (txq == NULL)
		return -ENOMEM;
	txq->user.owns = owns;
	txq->user.cache.misses = &txq->stats.cache_misses;
	mlx5x_gate_shut(&txq->user.gate);
	txq->mrs = port->mrs;
	txq->size = rte_align32pow2(nb_desc);
	txq->max_sge = port->caps.max_sge;
	txq->max_segs = UINT16_MAX;
	choose_freeing(txq, conf->offloads | dev->data->dev_conf.txmode.offloads);
	txq->port = port;
	txq->dp = port->wire->dp;
	txq->index = index;
	ret = alloc_ring(txq, socket);
	if (ret != 0) {
		destroy(txq);
		return ret;
	}
	dev->data->tx_queues[index] = txq;
	return 0;
}

void
mlx5x_txq_release(struct rte_eth_dev *dev, uint16_t index)
{
	destroy(dev->data->tx_queues[index]);
	dev->data->tx_queues[index] = NULL;
}

void
mlx5x_txq_info(struct rte_eth_dev *dev, uint16_t index, struct rte_eth_txq_info *info)
{
	const struct mlx5x_txq *txq = dev->data->tx_queues[index];

	info->nb_desc = txq->size;
	info->conf.offloads = dev->data->dev_conf.txmode.offloads;
}

/*
 * A packet of one buffer that goes to its pool as it is. Where the head says one segment there is
 * none behind it, so the mbuf's second line, with that pointer, need not be read.
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

/* Segments of one pool, on their way there. */
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

/* Frees max packets at most; returns how many. */
static __rte_always_inline uint32_t
free_done(struct mlx5x_txq *txq, uint32_t max)
{
	/* Acquire; pairs with the release of whoever took the completions in, maybe another thread. */
	uint32_t done = __atomic_load_n(&txq->done, __ATOMIC_ACQUIRE);
	uint32_t total = RTE_MIN(done - txq->freed, max), end = txq->freed + total, at, n;
	struct rte_mbuf **pkts;

	/* Twice where it goes round the end. They are out before a callback can look. */
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

uint32_t
mlx5x_txq_free_done(struct mlx5x_txq *txq)
{
	return free_done(txq, UINT32_MAX);
}

int
mlx5x_txq_done_cleanup(void *queue, uint32_t free_cnt)
{
	struct mlx5x_txq *txq = queue;

	/* ethdev does not look whether it was set up. */
	if (txq == NULL)
		return -EINVAL;
	if (mlx5x_gate_enter(&txq->user.gate)) {
		txq->dp->tx_reap(txq);
		mlx5x_gate_leave(&txq->user.gate);
	}
	if (mlx5x_flag_read(&txq->failed))
		mlx5x_recover(txq->port, txq->index);
	/* Also what was given up, by a recovery or when the cable was cut: the gate may be closed. */
	return free_done(txq, free_cnt != 0 ? free_cnt : UINT32_MAX);
}

uint32_t
mlx5x_txq_abandon(struct mlx5x_txq *txq)
{
	uint32_t n = txq->head - txq->done;

	txq->dp->tx_discard(txq);
	__atomic_store_n(&txq->done, txq->head, __ATOMIC_RELEASE);
	return n;
}
