/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dv_burst_avx2.c - transmit bursts, four packets at a time by AVX2. For fewer, what four need is
 * not worth its preparation.
 */
#define MLX5X_DV_FOURS
#include "datapath/dv_write.h"

static uint16_t
burst_plain_or_few(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return likely(n >= 4) ? burst_plain(queue, pkts, n) :
		mlx5x_dv_bursts_scalar.plain(queue, pkts, n);
}

static uint16_t
burst_mpw_or_few(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return likely(n >= 4) ? burst_mpw(queue, pkts, n) :
		mlx5x_dv_bursts_scalar.mpw(queue, pkts, n);
}

const struct mlx5x_dv_bursts mlx5x_dv_bursts_avx2 = {
	.plain = burst_plain_or_few,
	.mpw = burst_mpw_or_few,
};
