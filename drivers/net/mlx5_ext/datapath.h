/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * datapath.h - one way of driving the rings, as a table of functions chosen at queue set-up; a
 * burst never asks which way it is.
 */
#ifndef MLX5X_DATAPATH_H_
#define MLX5X_DATAPATH_H_

#include <stdint.h>

#include <ethdev_driver.h>

struct mlx5x_rxq;
struct mlx5x_txq;

struct mlx5x_datapath {
	const char *name;
	eth_rx_burst_t rx_burst;
	eth_tx_burst_t tx_burst;
	/* Posts buffers into free slots until the ring is full or the pool is empty; gate closed. */
	void (*rx_fill)(struct mlx5x_rxq *rxq);
	/* Takes in completions, frees nothing; inside the gate or with it closed. */
	void (*tx_reap)(struct mlx5x_txq *txq);
};

extern const struct mlx5x_datapath mlx5x_dp_verbs;

uint16_t mlx5x_dp_verbs_rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n);
uint16_t mlx5x_dp_verbs_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n);
void mlx5x_dp_verbs_rx_fill(struct mlx5x_rxq *rxq);
void mlx5x_dp_verbs_tx_reap(struct mlx5x_txq *txq);

#endif
