/* SPDX-License-Identifier: BSD-3-Clause */
/* dv_receive_avx2.c - the receive burst, four frames at a time by AVX2. */
#define MLX5X_DV_FOURS
#include "datapath/dv_receive.h"

const struct mlx5x_dv_rx_bursts mlx5x_dv_rx_bursts_avx2 = {
	.rx = burst,
	.fill = fill,
};
