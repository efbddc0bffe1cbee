/* SPDX-License-Identifier: BSD-3-Clause */
/* dv_burst_scalar.c - transmit bursts, one packet at a time. */
#include "datapath/dv_write.h"

static __rte_always_inline uint32_t
put_none(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n, struct rte_mbuf **elts,
	struct mlx5x_dv_batch *batch)
{
	return 0;
}

static __rte_always_inline uint32_t
write_inline(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n, struct rte_mbuf **elts,
	struct mlx5x_dv_batch *batch)
{
	return write_by(txq, pkts, n, elts, batch, put_none, put_none);
}

static __rte_always_inline uint16_t
send_inline(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint16_t n, enum mlx5x_drop_reason *why)
{
	return mlx5x_dv_send_by(txq, pkts, n, why, write_inline);
}

static uint16_t
burst_inline(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return mlx5x_tx_burst(queue, pkts, n, mlx5x_dv_reap, send_inline);
}

const struct mlx5x_dv_bursts mlx5x_dv_bursts_scalar = {
	.name = "scalar",
	.plain = burst_plain,
	.mpw = burst_mpw,
	.inlined = burst_inline,
};
