/* SPDX-License-Identifier: BSD-3-Clause */
/* dv_burst_avx2.c - transmit bursts, four packets at a time by AVX2. */
#define MLX5X_DV_FOURS
#include "datapath/dv_write.h"

const struct mlx5x_dv_bursts mlx5x_dv_bursts_avx2 = {
	.plain = burst_plain,
	.mpw = burst_mpw,
};
