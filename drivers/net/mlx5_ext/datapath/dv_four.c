/* SPDX-License-Identifier: BSD-3-Clause */
#include "datapath/dv_four.h"

const struct mlx5x_four_const mlx5x_four_const = {
	.sign = MLX5X_V4(UINT64_C(1) << 63),
	.low_word = MLX5X_V4(UINT16_MAX),
	.usual_mask = MLX5X_V4(MLX5X_FOUR_NB_SEGS | MLX5X_FOUR_FLAGS(MLX5X_DP_DV_CHECKSUMS)),
	.odd_mask = MLX5X_V4(MLX5X_FOUR_ODD),
	.chain_mask = MLX5X_V4(MLX5X_FOUR_WORD(2, UINT16_MAX - 1)),
	.header = MLX5X_V4((uint64_t)RTE_ETHER_HDR_LEN),
};
