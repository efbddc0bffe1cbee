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
 * Called by the burst, outside its gate, when the first of n packets was refused. Returns how
 * many leading packets were dropped and counted: that one, and others with the same reason; 0 if
 * its memory was registered, so that it can be posted now. *misses counts the attempts for this
 * packet: the caller sets it to 0 when the first packet is another one.
 */
uint16_t mlx5x_drop_handle(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint16_t n,
	enum mlx5x_drop_reason why, int *misses);

/*
 * Not by a burst: logs, once for a queue, that it drops packets without an lkey. One thread at a
 * time.
 */
void mlx5x_drop_log(struct mlx5x_txq *txq);

#endif
