/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "ethdev/tx_cleanup.h"
#include "queue/recover.h"
#include "queue/tx_free.h"
#include "queue/txq.h"

int
mlx5x_tx_cleanup(void *queue, uint32_t free_cnt)
{
	struct mlx5x_txq *txq = queue;

	/* ethdev does not check that the queue is set up. */
	if (txq == NULL)
		return -EINVAL;
	if (mlx5x_gate_enter(&txq->user.gate)) {
		txq->dp->tx_reap(txq);
		mlx5x_gate_leave(&txq->user.gate);
	}
	if (mlx5x_flag_read(&txq->failed))
		mlx5x_recover(txq->port, txq->index);
	/*
	 * Outside the gate, which may be closed: also packets discarded by a recovery or a
	 * disconnect.
	 */
	return mlx5x_tx_free(txq, free_cnt != 0 ? free_cnt : UINT32_MAX);
}
