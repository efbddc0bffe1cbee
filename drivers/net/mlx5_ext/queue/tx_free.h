/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tx_free.h - returns the mbufs of completed packets to their pools, in bulk where possible.
 */
#ifndef MLX5X_TX_FREE_H_
#define MLX5X_TX_FREE_H_

#include <stdint.h>

struct mlx5x_txq;

/*
 * Outside the gate, by the burst thread: frees up to max completed packets; returns their number.
 * May call the application's free callbacks of attached memory.
 */
uint32_t mlx5x_tx_free(struct mlx5x_txq *txq, uint32_t max);

#endif
