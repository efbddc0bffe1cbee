/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dp_dv_tx.c - the transmit queue on the rings of an mlx5 device, but for its bursts, which
 * dv_burst.h has.
 */
#include "datapath/dv_burst.h"

void
mlx5x_dp_dv_tx_reap(struct mlx5x_txq *txq)
{
	mlx5x_dv_reap(txq);
}

void
mlx5x_dp_dv_tx_discard(struct mlx5x_txq *txq)
{
	struct mlx5x_dv_cq *cq = &txq->dv.cq;
	struct mlx5x_dv_sq *sq = &txq->dv.sq;
	enum mlx5x_dv_completion what;
	const struct mlx5_cqe64 *cqe;

	/* Those of packets that are sent come before those of others. */
	for (;; cq->ci++) {
		what = mlx5x_dv_poll_cqe(cq, cq->ci, MLX5_CQE_REQ, &cqe);
		if (what == MLX5X_DV_CQE_HW_OWNED)
			break;
		if (what == MLX5X_DV_CQE_OK)
			__atomic_store_n(&txq->done,
				sq->marks[mlx5x_dv_request(cqe) & (sq->size - 1)].head,
				__ATOMIC_RELEASE);
	}
	mlx5x_dv_ring_cq(cq);
	sq->pi = 0;
	sq->done = 0;
}

uint16_t
mlx5x_dp_dv_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	const struct mlx5x_txq *txq = queue;

	return txq->dv.burst(queue, pkts, n);
}
