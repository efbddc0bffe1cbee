/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ring_state.h - the functions of struct rte_eth_dev that report how far a queue's ring is. As the
 * bursts, for one thread at a time and without locks; the ring of a queue whose gate is closed, as
 * without link, belongs to the driver. An Rx queue with further rings (queue/rxq.h) is as one ring
 * that has the descriptors of all of them.
 */
#ifndef MLX5X_RING_STATE_H_
#define MLX5X_RING_STATE_H_

#include <stdint.h>

#include "common/compat.h"

/* Received packets that no burst has returned yet. */
MLX5X_RX_COUNT mlx5x_ring_rx_count(void *queue);

/* RTE_ETH_RX_DESC_... or RTE_ETH_TX_DESC_...; -EINVAL: the ring has not so many descriptors. */
int mlx5x_ring_rx_status(void *queue, uint16_t offset);
int mlx5x_ring_tx_status(void *queue, uint16_t offset);

#endif
