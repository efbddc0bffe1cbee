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
 * Inside the gate: adds n packets to the queue, already stored from elts[head & (size - 1)] on,
 * with room for them before the end of the ring. pool: that of all of them if they are plain, or
 * NULL. Extends the last run if it can: bursts of a few packets do not make many calls of a
 * mempool.
 */
static inline void
mlx5x_tx_keep(struct mlx5x_txq *txq, uint32_t n, struct rte_mempool *pool)
{
	struct mlx5x_tx_runs *runs = &txq->runs;
	uint32_t mask = txq->size - 1, first = txq->head;
	struct mlx5x_tx_run *last = &runs->ring[(runs->head - 1) & mask];

	txq->head += n;
	if (runs->head == runs->tail || last->pool != pool || (first & mask) == 0)
		last = &runs->ring[runs->head++ & mask];
	last->pool = pool;
	last->end = txq->head;
}

/* Packets that are not all plain, or of several pools. */
void mlx5x_tx_free_each(struct rte_mbuf **pkts, uint32_t n);

/* Removes up to max packets from the first run. */
static inline uint32_t
mlx5x_tx_take(struct mlx5x_txq *txq, uint32_t max, struct rte_mempool **pool)
{
	struct mlx5x_tx_runs *runs = &txq->runs;
	const struct mlx5x_tx_run *run = &runs->ring[runs->tail & (txq->size - 1)];
	uint32_t n = run->end - txq->freed;

	*pool = run->pool;
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
	struct rte_mempool *pool;
	struct rte_mbuf **pkts;

	/* They are removed before a callback can call back into the queue. */
	while ((int32_t)(end - txq->freed) > 0) {
		pkts = &txq->elts[txq->freed & (txq->size - 1)];
		n = mlx5x_tx_take(txq, end - txq->freed, &pool);
		if (likely(pool != NULL))
			rte_mempool_put_bulk(pool, (void **)pkts, n);
		else
			mlx5x_tx_free_each(pkts, n);
	}
	return total;
}

#endif
