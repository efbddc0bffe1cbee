/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include <rte_malloc.h>

#include "queue/txq.h"
#include "queue/wire.h"

static bool
is_in(const struct rte_mbuf *seg, const struct mlx5x_range *range)
{
	return mlx5x_range_touches(range, rte_pktmbuf_mtod(seg, uintptr_t), seg->data_len);
}

/* Those of runs that are not done, the newest first: only the burst thread knows the oldest one. */
static bool
owns_tails(const struct mlx5x_txq *txq, const struct mlx5x_range *range)
{
	const struct mlx5x_tx_tails *tails = &txq->tails;
	const struct mlx5x_tx_run *run;
	uint32_t at = tails->head, n, i;

	for (i = 1; i <= txq->size; i++) {
		run = &txq->runs.ring[(txq->runs.head - i) & (txq->size - 1)];
		if ((int32_t)(run->end - txq->done) <= 0)
			break;
		for (n = run->tails; n != 0; n--)
			if (is_in(tails->ring[--at & (tails->size - 1)], range))
				return true;
	}
	return false;
}

/* The device owns a packet until its CQE is polled. */
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
			if (is_in(seg, range))
				return true;
	return owns_tails(txq, range);
}

/* Rings for chains of five segments on average: chains beyond that are freed as they are. */
static int
alloc_tails(struct mlx5x_txq *txq, unsigned int socket)
{
	struct mlx5x_tx_tails *tails = &txq->tails;

	tails->size = 4 * txq->size;
	tails->ring = rte_calloc_socket("mlx5_ext tx tails", tails->size + txq->max_sge,
		sizeof(*tails->ring), 0, socket);
	return tails->ring != NULL ? 0 : -ENOMEM;
}

static int
alloc_ring(struct mlx5x_txq *txq, unsigned int socket)
{
	txq->elts = rte_calloc_socket("mlx5_ext tx elts", txq->size, sizeof(*txq->elts), 0, socket);
	txq->runs.ring = rte_calloc_socket("mlx5_ext tx runs", txq->size,
		sizeof(*txq->runs.ring), 0, socket);
	if (txq->elts == NULL || txq->runs.ring == NULL)
		return -ENOMEM;
	return txq->dp->takes_apart && (txq->offloads & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) != 0 ?
		alloc_tails(txq, socket) : 0;
}

static void
destroy(struct mlx5x_txq *txq)
{
	if (txq == NULL)
		return;
	rte_free(txq->elts);
	rte_free(txq->runs.ring);
	rte_free(txq->tails.ring);
	rte_free(txq);
}

/* Fast free reads no mbuf, so it would leak all but the first segment of a chain. */
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
	txq->offloads = conf->offloads | dev->data->dev_conf.txmode.offloads;
	txq->deferred = conf->tx_deferred_start;
	choose_freeing(txq, txq->offloads);
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
	info->conf.offloads = txq->offloads;
	info->conf.tx_deferred_start = txq->deferred;
}

uint32_t
mlx5x_txq_abandon(struct mlx5x_txq *txq)
{
	uint32_t n;

	txq->dp->tx_discard(txq);
	n = txq->head - txq->done;
	__atomic_store_n(&txq->done, txq->head, __ATOMIC_RELEASE);
	return n;
}
