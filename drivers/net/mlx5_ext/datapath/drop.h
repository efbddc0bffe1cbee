/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * drop.h - a packet that cannot be sent costs that packet: why, and what becomes of it.
 */
#ifndef MLX5X_DROP_H_
#define MLX5X_DROP_H_

#include <stdbool.h>
#include <stdint.h>

#include "queue/datapath.h"

struct mlx5x_txq;
struct rte_mbuf;

/*
 * By the burst, outside its gate: the first of n packets is refused. Returns how many leading packets are
 * gone, dropped and counted: that one, and others that would be refused likewise; 0 if it is to be
 * tried again, since its memory got keys. *misses is 0 before the first packet of a burst.
 */
uint16_t mlx5x_drop_handle(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint16_t n,
	enum mlx5x_drop_reason why, int *misses);

/*
 * Not by a burst: a line in the log if the queue has dropped packets that had no key, and the log has
 * none yet. One thread at a time.
 */
void mlx5x_drop_log(struct mlx5x_txq *txq);

#endif
