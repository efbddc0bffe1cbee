/* SPDX-License-Identifier: BSD-3-Clause */
/* dv_burst_scalar.c - transmit bursts, one packet at a time. */
#include "datapath/dv_write.h"

static __rte_always_inline uint32_t
put_none(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n, struct rte_mbuf **elts,
	struct mlx5x_dv_batch *batch)
{
	return 0;
}

MLX5X_DV_BURST(inline, put_none, put_none)

const struct mlx5x_dv_bursts mlx5x_dv_bursts_scalar = {
	.plain = burst_plain,
	.mpw = burst_mpw,
	.inlined = burst_inline,
};
