/* SPDX-License-Identifier: BSD-3-Clause */
#include "datapath/checksum.h"
#include "datapath/dp_verbs.h"
#include "datapath/early.h"

/* Of all wires. */
#define COMMON \
	.name = "verbs", \
	.rx_offloads = RTE_ETH_RX_OFFLOAD_SCATTER, \
	.tx_offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS, \
	.rx_attach = mlx5x_dp_verbs_rx_attach, \
	.rx_detach = mlx5x_dp_verbs_rx_detach, \
	.tx_detach = mlx5x_dp_verbs_tx_detach, \
	.rx_arm = mlx5x_dp_verbs_rx_arm, \
	.rx_is_done = mlx5x_early_poll, \
	.tx_reap = mlx5x_dp_verbs_tx_reap, \
	.rx_discard = mlx5x_dp_verbs_rx_discard, \
	.tx_discard = mlx5x_dp_verbs_tx_discard

/* Of wires with a cable. */
#define CABLE \
	COMMON, \
	.rx_software = MLX5X_CHECKSUM_RX, \
	.tx_software = MLX5X_CHECKSUM_TX

const struct mlx5x_datapath mlx5x_dp_verbs = {
	CABLE,
	.rx_burst_software = mlx5x_dp_verbs_rx_burst_software,
	.tx_burst_software = mlx5x_dp_verbs_tx_burst_software,
	.rx_burst = mlx5x_dp_verbs_rx_burst,
	.tx_burst = mlx5x_dp_verbs_tx_burst,
	.tx_attach = mlx5x_dp_verbs_tx_attach,
	.rx_fill = mlx5x_dp_verbs_rx_fill,
};

const struct mlx5x_datapath mlx5x_dp_verbs_numbered = {
	CABLE,
	.rx_burst_software = mlx5x_dp_verbs_numbered_rx_burst_software,
	.tx_burst_software = mlx5x_dp_verbs_numbered_tx_burst_software,
	.rx_burst = mlx5x_dp_verbs_numbered_rx_burst,
	.tx_burst = mlx5x_dp_verbs_numbered_tx_burst,
	.tx_attach = mlx5x_dp_verbs_numbered_tx_attach,
	.rx_fill = mlx5x_dp_verbs_rx_fill,
};

const struct mlx5x_datapath mlx5x_dp_verbs_credit = {
	CABLE,
	.rx_burst_software = mlx5x_dp_verbs_credit_rx_burst_software,
	.tx_burst_software = mlx5x_dp_verbs_credit_tx_burst_software,
	.rx_burst = mlx5x_dp_verbs_credit_rx_burst,
	.tx_burst = mlx5x_dp_verbs_credit_tx_burst,
	.tx_attach = mlx5x_dp_verbs_credit_tx_attach,
	.rx_fill = mlx5x_dp_verbs_credit_rx_fill,
};

const struct mlx5x_datapath mlx5x_dp_verbs_raw = {
	COMMON,
	.rx_burst = mlx5x_dp_verbs_raw_rx_burst,
	.tx_burst = mlx5x_dp_verbs_tx_burst,
	.tx_attach = mlx5x_dp_verbs_tx_attach,
	.rx_fill = mlx5x_dp_verbs_raw_rx_fill,
};
