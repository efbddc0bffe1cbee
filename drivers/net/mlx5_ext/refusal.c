/* SPDX-License-Identifier: BSD-3-Clause */
#include "counter.h"
#include "implicit.h"
#include "refusal.h"
#include "txq.h"

/* A packet that lost its key again and again while it was being sent is dropped in the end. */
#define MAX_MISSES 3

static void
drop(struct mlx5x_txq *txq, struct rte_mbuf *pkt, enum mlx5x_refusal why)
{
	uint64_t *const counters[] = {
		[MLX5X_REFUSED_UNMAPPED] = &txq->stats.unmapped,
		[MLX5X_REFUSED_UNDERSIZE] = &txq->stats.undersize,
		[MLX5X_REFUSED_OVERSIZE] = &txq->stats.oversize,
		[MLX5X_REFUSED_SEGMENTS] = &txq->stats.segments,
	};

	mlx5x_counter_add(counters[why], 1);
	rte_pktmbuf_free(pkt);
}

bool
mlx5x_refusal_settle(struct mlx5x_txq *txq, struct rte_mbuf *pkt, enum mlx5x_refusal why,
	int *misses)
{
	if (why == MLX5X_REFUSED_UNMAPPED && ++*misses < MAX_MISSES &&
	    mlx5x_implicit_packet(txq->port, pkt) == 0)
		return false;
	*misses = 0;
	drop(txq, pkt, why);
	return true;
}
