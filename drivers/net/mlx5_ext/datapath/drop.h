/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * drop.h - packets that cannot be sent: registers their memory, or drops and counts them.
 */
#ifndef MLX5X_DROP_H_
#define MLX5X_DROP_H_

#include <stdbool.h>
#include <stdint.h>

#include "queue/datapath.h"

struct mlx5x_txq;
struct rte_mbuf;

/*
 * By the burst, outside its gate, if the first of n packets is refused. Returns how many leading
 * packets were dropped and counted: that one, and others with the same reason; 0 if its memory was
 * registered, and it is to be tried again. *misses is 0 before the first packet of a burst.
 */
uint16_t mlx5x_drop_handle(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint16_t n,
	enum mlx5x_drop_reason why, int *misses);

/*
 * Not by a burst: logs once that the queue drops packets without an lkey, if so and not logged yet.
 * One thread at a time.
 */
void mlx5x_drop_log(struct mlx5x_txq *txq);

#endif
