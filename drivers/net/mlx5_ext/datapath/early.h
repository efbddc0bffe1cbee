/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * early.h - CQEs of an Rx queue that were polled before a burst: verbs cannot look at a CQE without
 * consuming it, and rte_eth_rx_queue_count() must. A burst takes them first. All functions run
 * inside the gate, or with it closed.
 */
#ifndef MLX5X_EARLY_H_
#define MLX5X_EARLY_H_

#include <stdbool.h>
#include <stdint.h>

#include "queue/rxq.h"

/* Before the queue's use: room for a CQE of each slot. 0 or -ENOMEM. */
int mlx5x_early_create(struct mlx5x_rxq *rxq);
void mlx5x_early_destroy(struct mlx5x_rxq *rxq);

/* Polls until more than `offset` CQEs are here, or there are no more; true if there are so many. */
bool mlx5x_early_poll(struct mlx5x_rxq *rxq, uint32_t offset);

/* Moves up to n of them to wc: status, wr_id, byte_len and imm_data alone. Returns how many. */
int mlx5x_early_take(struct mlx5x_rxq *rxq, int n, struct ibv_wc *wc);

static inline bool
mlx5x_early_is_empty(const struct mlx5x_rxq *rxq)
{
	return rxq->early.head == rxq->early.tail;
}

#endif
