/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * datapath.h - a datapath: the functions that drive the rings of a queue. The wire selects the
 * table; bursts contain no test for it.
 */
#ifndef MLX5X_DATAPATH_H_
#define MLX5X_DATAPATH_H_

#include <stdbool.h>
#include <stdint.h>

#include <ethdev_driver.h>

struct mlx5x_rxq;
struct mlx5x_txq;

/* Why a packet cannot be sent. Each reason but the first has a counter. */
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
	/* RTE_ETH_RX_OFFLOAD_... and TX that the bursts support if the device does. */
	uint64_t rx_offloads;
	uint64_t tx_offloads;
	/* Offloads of a port by software, for which it has other bursts; or 0 and NULL. */
	uint64_t rx_software;
	uint64_t tx_software;
	eth_rx_burst_t rx_burst_software;
	eth_tx_burst_t tx_burst_software;
	/* RTE_PTYPE_... that Rx sets, terminated by RTE_PTYPE_UNKNOWN; or NULL. */
	const uint32_t *ptypes;
	eth_rx_burst_t rx_burst;
	eth_tx_burst_t tx_burst;
	bool takes_apart;	/* tx_burst, chains (tx_runs.h) */
	/*
	 * Set up the rings of the queue's QP or WQ and CQ. 0 or -errno; all is undone on failure.
	 */
	int (*rx_attach)(struct mlx5x_rxq *rxq);
	int (*tx_attach)(struct mlx5x_txq *txq);
	/* Undo attach; allowed on a queue that is not attached. */
	void (*rx_detach)(struct mlx5x_rxq *rxq);
	void (*tx_detach)(struct mlx5x_txq *txq);
	/* Posts buffers into free slots until the ring is full or the pool is empty. */
	void (*rx_fill)(struct mlx5x_rxq *rxq);
	/*
	 * Requests an event on the queue's channel for the next CQE. NULL: Rx interrupts are not
	 * supported; a port configured for them does not start. 0 or -errno.
	 */
	int (*rx_arm)(struct mlx5x_rxq *rxq);
	/*
	 * Inside the gate: whether the posted slot at this offset from the next one to be received
	 * has been completed.
	 */
	bool (*rx_is_done)(struct mlx5x_rxq *rxq, uint32_t offset);
	/* Polls CQEs and advances `done`; frees no mbuf. */
	void (*tx_reap)(struct mlx5x_txq *txq);
	/*
	 * After a reset of the rings: removes the remaining CQEs. rx_discard returns the number of
	 * received packets among them; tx_discard may advance `done` by those that are sent.
	 */
	uint32_t (*rx_discard)(struct mlx5x_rxq *rxq);
	void (*tx_discard)(struct mlx5x_txq *txq);
};

#endif
