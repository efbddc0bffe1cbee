/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tx_free.h - keeps the mbufs of a transmit queue, and returns those of completed packets to their
 * pools.
 */
#ifndef MLX5X_TX_FREE_H_
#define MLX5X_TX_FREE_H_

#include <rte_mempool.h>

#include "queue/txq.h"

/*
 * Inside the gate: adds n plain packets of the pool to the queue, already stored from
 * elts[head & (size - 1)] on, with room for them before the end of the ring. Extends the last run
 * if it can: bursts of a few packets do not make many calls of a mempool.
 */
static inline void
mlx5x_tx_keep(struct mlx5x_txq *txq, uint32_t n, struct rte_mempool *pool)
{
	struct mlx5x_tx_runs *runs = &txq->runs;
	uint32_t mask = txq->size - 1, first = txq->head;
	struct mlx5x_tx_run *last = &runs->ring[(runs->head - 1) & mask];

	txq->head += n;
	if (runs->head == runs->tail || last->pool != (uintptr_t)pool || (first & mask) == 0)
		last = &runs->ring[runs->head++ & mask];
	last->pool = (uintptr_t)pool;
	last->end = txq->head;
}

/*
 * The same of packets of which not all are plain, and pool is NULL; or of plain ones, some of which
 * were chains with so many tails. A run of its own, so that one completion completes it.
 */
static inline void
mlx5x_tx_keep_others(struct mlx5x_txq *txq, uint32_t n, uint32_t tails, struct rte_mempool *pool)
{
	struct mlx5x_tx_runs *runs = &txq->runs;

	txq->head += n;
	runs->ring[runs->head++ & (txq->size - 1)] = (struct mlx5x_tx_run){
		.pool = (uintptr_t)pool | MLX5X_TX_RUN_OTHER,
		.end = txq->head,
		.tails = tails,
	};
}

/* Packets that are not all plain, or of several pools. */
void mlx5x_tx_free_each(struct rte_mbuf **pkts, uint32_t n);

static __rte_always_inline void
mlx5x_tx_free_some(struct rte_mbuf **pkts, uint32_t n, struct rte_mempool *pool)
{
	if (pool != NULL)
		rte_mempool_put_bulk(pool, (void **)pkts, n);
	else
		mlx5x_tx_free_each(pkts, n);
}

/* The last n packets of a run with tails, and these. */
static __rte_unused __rte_noinline void
mlx5x_tx_free_others(struct mlx5x_tx_tails *tails, struct rte_mbuf **pkts, uint32_t n,
	const struct mlx5x_tx_run *run)
{
	struct rte_mempool *pool = (struct rte_mempool *)(run->pool & ~MLX5X_TX_RUN_OTHER);
	uint32_t nb_tails = run->tails, at = tails->tail & (tails->size - 1);
	uint32_t before = RTE_MIN(nb_tails, tails->size - at);

	tails->tail += nb_tails;
	mlx5x_tx_free_some(pkts, n, pool);
	mlx5x_tx_free_some(&tails->ring[at], before, pool);
	if (unlikely(before != nb_tails))
		mlx5x_tx_free_some(tails->ring, nb_tails - before, pool);
}

/* Removes up to max packets from the first run. */
static inline uint32_t
mlx5x_tx_take(struct mlx5x_txq *txq, uint32_t max, const struct mlx5x_tx_run **first)
{
	struct mlx5x_tx_runs *runs = &txq->runs;
	const struct mlx5x_tx_run *run = &runs->ring[runs->tail & (txq->size - 1)];
	uint32_t n = run->end - txq->freed;

	*first = run;
	if (n <= max)
		runs->tail++;
	else
		n = max;
	txq->freed += n;
	return n;
}

/*
 * Outside the gate, by the burst thread: frees up to max completed packets; returns their number.
 * May call the application's free callbacks of attached memory.
 */
uint32_t mlx5x_tx_free(struct mlx5x_txq *txq, uint32_t max);

/* The same, for bursts. */
static __rte_always_inline uint32_t
mlx5x_tx_free_completed(struct mlx5x_txq *txq, uint32_t max)
{
	/* Acquire; pairs with the release in tx_reap, which another thread may have called. */
	uint32_t done = __atomic_load_n(&txq->done, __ATOMIC_ACQUIRE);
	uint32_t total = RTE_MIN(done - txq->freed, max), end = txq->freed + total, n;
	const struct mlx5x_tx_run *run;
	struct rte_mbuf **pkts;

	/* They are removed before a callback can call back into the queue. */
	while ((int32_t)(end - txq->freed) > 0) {
		pkts = &txq->elts[txq->freed & (txq->size - 1)];
		n = mlx5x_tx_take(txq, end - txq->freed, &run);
		if (likely((run->pool & MLX5X_TX_RUN_OTHER) == 0))
			rte_mempool_put_bulk((struct rte_mempool *)run->pool, (void **)pkts, n);
		else if (run->tails == 0 || run->end != txq->freed)
			mlx5x_tx_free_each(pkts, n);
		else
			mlx5x_tx_free_others(&txq->tails, pkts, n, run);
	}
	return total;
}

#endif
