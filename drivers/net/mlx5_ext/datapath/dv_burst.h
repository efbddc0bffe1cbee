/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dv_burst.h - the transmit burst on the rings of an mlx5 device, around a writer of WQEs: one
 * doorbell a chunk; its last WQE is signalled, and its CQE frees the whole chunk.
 */
#ifndef MLX5X_DV_BURST_H_
#define MLX5X_DV_BURST_H_

#include "datapath/dv_tx.h"

/* Packets per signalled WQE and doorbell: more saves CQEs, fewer frees mbufs earlier. */
#define MLX5X_DV_CHUNK 64u

static inline void
mlx5x_dv_reap(struct mlx5x_txq *txq)
{
	struct mlx5x_dv_cq *cq = &txq->dv.cq;
	struct mlx5x_dv_sq *sq = &txq->dv.sq;
	const struct mlx5x_dv_mark *mark = NULL;
	const struct mlx5_cqe64 *cqe;
	enum mlx5x_dv_completion what;

	/* CQEs are in order: the last one completes all WQEs before it. */
	while ((what = mlx5x_dv_poll_cqe(cq, cq->ci, MLX5_CQE_REQ, &cqe)) == MLX5X_DV_CQE_OK) {
		mark = &sq->marks[mlx5x_dv_request(cqe) & (sq->size - 1)];
		cq->ci++;
	}
	if (mark != NULL) {
		mlx5x_dv_ring_cq(cq);
		sq->done = mark->pi;
		__atomic_store_n(&txq->done, mark->head, __ATOMIC_RELEASE);
	}
	/* The error CQE is not consumed before the reset of the queue, and counts once. */
	if (unlikely(what == MLX5X_DV_CQE_ERR) && !mlx5x_flag_read(&txq->failed)) {
		mlx5x_counter_add(&txq->stats.errors, 1);
		mlx5x_txq_fail(txq);
	}
}

/* Runs of packets by the fast path; the packets that this leaves, by mlx5x_dv_put_packet(). */
static __rte_always_inline uint32_t
mlx5x_dv_write_by(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n, struct rte_mbuf **elts,
	struct mlx5x_dv_batch *batch, mlx5x_dv_write_t put)
{
	uint32_t total = 0, k;

	while (total < n && likely(mlx5x_dv_room(&txq->dv.sq) >= txq->dv.max_blocks)) {
		k = put(txq, &pkts[total], n - total, &elts[total], batch);
		if (unlikely(k == 0)) {
			batch->why = mlx5x_dv_put_packet(txq, pkts[total], batch);
			if (batch->why != MLX5X_DROP_NOT)
				break;
			elts[total] = pkts[total];
			k = 1;
		}
		total += k;
	}
	return total;
}

static __rte_always_inline void
mlx5x_dv_keep(struct mlx5x_txq *txq, uint32_t n, const struct mlx5x_dv_batch *batch)
{
	if (likely(batch->others == 0) || txq->fast_free)
		mlx5x_tx_keep(txq, n, batch->pool);
	else
		mlx5x_tx_keep_others(txq, n,
			(batch->others & MLX5X_DV_TAILS) != 0 ? batch->tails : 0,
			(batch->others & MLX5X_DV_ODD) != 0 ? NULL : batch->pool);
}

/*
 * A mlx5x_tx_send_t, by a writer: up to a chunk, which does not wrap in the queue. Its last WQE is
 * signalled.
 */
static __rte_always_inline uint16_t
mlx5x_dv_send_by(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint16_t count,
	enum mlx5x_drop_reason *why, mlx5x_dv_write_t put)
{
	size_t at = txq->head & (txq->size - 1), room = txq->size - (txq->head - txq->freed), n;
	struct mlx5x_dv_sq *sq = &txq->dv.sq;
	struct mlx5x_dv_batch batch;

	n = RTE_MIN(RTE_MIN(count, room), RTE_MIN(MLX5X_DV_CHUNK, txq->size - at));
	if (unlikely(n == 0))
		return 0;
	batch.pool = pkts[0]->pool;
	batch.others = 0;
	batch.why = MLX5X_DROP_NOT;
	n = mlx5x_dv_write_by(txq, pkts, n, &txq->elts[at], &batch, put);
	*why = batch.why;
	if (unlikely(n == 0))
		return 0;
	mlx5x_dv_keep(txq, n, &batch);
	mlx5x_dv_ask_completion(batch.last);
	sq->marks[(batch.last - sq->segs) / MLX5X_DV_BLOCK_SEGS] =
		(struct mlx5x_dv_mark){.head = txq->head, .pi = sq->pi};
	mlx5x_dv_ring_sq(sq, batch.last);
	mlx5x_counter_add(&txq->stats.packets, n);
	return n;
}

/*
 * Defines burst_NAME(), by a writer. Not inlined: who leaves a short burst to another one has no
 * use for what it saves on the stack.
 */
#define MLX5X_DV_BURST(name, put) \
	static __rte_always_inline uint16_t \
	send_##name(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint16_t n, \
		enum mlx5x_drop_reason *why) \
	{ \
		return mlx5x_dv_send_by(txq, pkts, n, why, put); \
	} \
	static __rte_noinline uint16_t \
	burst_##name(void *queue, struct rte_mbuf **pkts, uint16_t n) \
	{ \
		return mlx5x_tx_burst(queue, pkts, n, mlx5x_dv_reap, send_##name); \
	}

#endif
