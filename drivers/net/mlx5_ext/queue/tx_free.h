/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tx_free.h - the mbufs of packets whose transmission is completed go back to their pools, in bulk
 * where they can.
 */
#ifndef MLX5X_TX_FREE_H_
#define MLX5X_TX_FREE_H_

#include <stdint.h>

struct mlx5x_txq;

/*
 * Outside the gate, by the burst thread: frees what is completed, max packets at most; returns the
 * number of packets. An application's callback for attached memory may run in it.
 */
uint32_t mlx5x_tx_free(struct mlx5x_txq *txq, uint32_t max);

#endif
