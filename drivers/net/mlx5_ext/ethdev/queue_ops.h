/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * queue_ops.h - the start and stop of single queues. A stopped queue of a started port has a closed
 * gate, so that its bursts return 0; its pair and the link are as before, as the other queue of the
 * pair may run. It keeps what it has posted: buffers, into which frames arrive until none is left,
 * and packets that are not completed yet. An unmap of these is EBUSY. Bursts poll no further rings
 * (queue/rxq.h) of a stopped Rx queue, also none that is created meanwhile; their gates stay as
 * they are.
 *
 * Control path only; ethdev requires that the application calls neither these concurrently, nor a
 * burst of the queue.
 */
#ifndef MLX5X_QUEUE_OPS_H_
#define MLX5X_QUEUE_OPS_H_

#include <stdint.h>

#include <ethdev_driver.h>

/* Start of the port, before the link: the queues with deferred start are stopped, no others. */
void mlx5x_queues_begin(struct rte_eth_dev *dev);

/* After the start, and after the stop, of the port: the states that ethdev shows. */
void mlx5x_queues_started(struct rte_eth_dev *dev);
void mlx5x_queues_stopped(struct rte_eth_dev *dev);

/* The ethdev ops: 0. Frames that came to a stopped queue are lost at its start, and counted. */
int mlx5x_rx_queue_start(struct rte_eth_dev *dev, uint16_t index);
int mlx5x_rx_queue_stop(struct rte_eth_dev *dev, uint16_t index);

/* The ethdev ops: 0. A stop waits up to a tenth of a second for the packets, and frees these. */
int mlx5x_tx_queue_start(struct rte_eth_dev *dev, uint16_t index);
int mlx5x_tx_queue_stop(struct rte_eth_dev *dev, uint16_t index);

#endif
