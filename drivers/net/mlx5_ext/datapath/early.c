/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include <rte_malloc.h>

#include "datapath/early.h"

int
mlx5x_early_create(struct mlx5x_rxq *rxq)
{
	rxq->early = (struct mlx5x_early){
		.cqes = rte_calloc("mlx5_ext rx early", rxq->room, sizeof(*rxq->early.cqes), 0),
	};
	return rxq->early.cqes != NULL ? 0 : -ENOMEM;
}

void
mlx5x_early_destroy(struct mlx5x_rxq *rxq)
{
	rte_free(rxq->early.cqes);
	rxq->early = (struct mlx5x_early){0};
}

static void
put(struct mlx5x_rxq *rxq, const struct ibv_wc *wc)
{
	rxq->early.cqes[rxq->early.tail++ & (rxq->room - 1)] = (struct mlx5x_early_cqe){
		.len = wc->byte_len,
		.number = wc->imm_data,
		.slot = wc->wr_id,
		.good = wc->status == IBV_WC_SUCCESS,
	};
}

bool
mlx5x_early_poll(struct mlx5x_rxq *rxq, uint32_t offset)
{
	struct mlx5x_early *early = &rxq->early;
	struct ibv_wc wc[MLX5X_RX_CHUNK];
	uint32_t room;
	int n, i;

	while (early->tail - early->head <= offset) {
		room = rxq->room - (early->tail - early->head);
		n = ibv_poll_cq(rxq->cq, RTE_MIN(room, MLX5X_RX_CHUNK), wc);
		if (n <= 0)
			return false;
		for (i = 0; i < n; i++)
			put(rxq, &wc[i]);
	}
	return true;
}

int
mlx5x_early_take(struct mlx5x_rxq *rxq, int n, struct ibv_wc *wc)
{
	const struct mlx5x_early_cqe *cqe;
	int i;

	for (i = 0; i < n && !mlx5x_early_is_empty(rxq); i++) {
		cqe = &rxq->early.cqes[rxq->early.head++ & (rxq->room - 1)];
		wc[i].status = cqe->good ? IBV_WC_SUCCESS : IBV_WC_GENERAL_ERR;
		wc[i].wr_id = cqe->slot;
		wc[i].byte_len = cqe->len;
		wc[i].imm_data = cqe->number;
	}
	return i;
}
