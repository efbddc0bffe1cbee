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
	const struct mlx5_cqe64 *cqe;

	while (mlx5x_dv_poll_cqe(cq, cq->ci, MLX5_CQE_REQ, &cqe) != MLX5X_DV_CQE_HW_OWNED)
		cq->ci++;
	mlx5x_dv_ring_cq(cq);
	txq->dv.sq.pi = 0;
	txq->dv.sq.done = 0;
}

uint16_t
mlx5x_dp_dv_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	const struct mlx5x_txq *txq = queue;

	return txq->dv.burst(queue, pkts, n);
}
