/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * datapath.h - one way of driving the rings, as a table of functions chosen with the wire; a
 * burst never asks which way it is.
 */
#ifndef MLX5X_DATAPATH_H_
#define MLX5X_DATAPATH_H_

#include <stdint.h>

#include <ethdev_driver.h>

struct mlx5x_rxq;
struct mlx5x_txq;

/* Why a packet cannot be sent. Each but the first is a counter of its own. */
enum mlx5x_drop_reason {
	MLX5X_DROP_NOT,
	MLX5X_DROP_UNMAPPED,
	MLX5X_DROP_UNDERSIZE,
	MLX5X_DROP_OVERSIZE,
	MLX5X_DROP_SEGMENTS,
};

/* All but the bursts and rx_arm run with the gate closed, tx_reap also inside it. */
struct mlx5x_datapath {
	const char *name;
	/* RTE_ETH_RX_OFFLOAD_... and TX that the bursts do, on a device that does. */
	uint64_t rx_offloads;
	uint64_t tx_offloads;
	/* RTE_PTYPE_... that Rx tells apart, the last one UNKNOWN; or NULL. */
	const uint32_t *ptypes;
	eth_rx_burst_t rx_burst;
	eth_tx_burst_t tx_burst;
	/* The queue has its QP or WQ, and CQ: make ready to use them. 0 or -errno, and nothing is left. */
	int (*rx_attach)(struct mlx5x_rxq *rxq);
	int (*tx_attach)(struct mlx5x_txq *txq);
	/* Undo; also of what was never attached. */
	void (*rx_detach)(struct mlx5x_rxq *rxq);
	void (*tx_detach)(struct mlx5x_txq *txq);
	/* Posts buffers into free slots until the ring is full or the pool is empty. */
	void (*rx_fill)(struct mlx5x_rxq *rxq);
	/*
	 * The next completion makes an event on the queue's channel. NULL: Rx interrupts are not
	 * supported, and a port that wants them does not start. 0 or -errno.
	 */
	int (*rx_arm)(struct mlx5x_rxq *rxq);
	/* Takes in completions, frees nothing. */
	void (*tx_reap)(struct mlx5x_txq *txq);
	/*
	 * The rings were reset: takes out what is left of completions. rx_discard tells how many
	 * packets were among them.
	 */
	uint32_t (*rx_discard)(struct mlx5x_rxq *rxq);
	void (*tx_discard)(struct mlx5x_txq *txq);
};

#endif
