/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tx_cleanup.h - the ethdev op tx_done_cleanup.
 */
#ifndef MLX5X_TX_CLEANUP_H_
#define MLX5X_TX_CLEANUP_H_

#include <stdint.h>

/*
 * As rte_eth_tx_done_cleanup(): returns the number of packets freed, free_cnt at most unless that
 * is 0; -EINVAL: the queue is not set up. Also recovers a failed queue.
 */
int mlx5x_tx_cleanup(void *queue, uint32_t free_cnt);

#endif
