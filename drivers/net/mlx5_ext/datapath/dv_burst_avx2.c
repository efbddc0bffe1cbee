/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dv_burst_avx2.c - transmit bursts, four packets at a time by AVX2. For fewer, what four need is
 * not worth its preparation.
 */
#define MLX5X_DV_FOURS
#include "datapath/dv_write.h"

#define BURST_OR_FEW(name, few) \
	static uint16_t \
	burst_##name##_or_few(void *queue, struct rte_mbuf **pkts, uint16_t n) \
	{ \
		return likely(n >= 4) ? burst_##name(queue, pkts, n) : \
			mlx5x_dv_bursts_scalar.few(queue, pkts, n); \
	}

BURST_OR_FEW(plain, plain)
BURST_OR_FEW(mpw, mpw)
BURST_OR_FEW(plain_promised, plain)
BURST_OR_FEW(mpw_promised, mpw)

const struct mlx5x_dv_bursts mlx5x_dv_bursts_avx2 = {
	.plain = burst_plain_or_few,
	.mpw = burst_mpw_or_few,
	.plain_promised = burst_plain_promised_or_few,
	.mpw_promised = burst_mpw_promised_or_few,
};
