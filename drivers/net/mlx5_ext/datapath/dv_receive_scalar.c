/* SPDX-License-Identifier: BSD-3-Clause */
/* dv_receive_scalar.c - the receive burst, one frame at a time. */
#include "datapath/dv_receive.h"

const struct mlx5x_dv_rx_bursts mlx5x_dv_rx_bursts_scalar = {
	.rx = burst,
	.fill = fill,
};
