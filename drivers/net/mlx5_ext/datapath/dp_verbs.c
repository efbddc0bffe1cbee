/* SPDX-License-Identifier: BSD-3-Clause */
#include "datapath/checksum.h"
#include "datapath/dp_verbs.h"
#include "datapath/early.h"

const struct mlx5x_datapath mlx5x_dp_verbs = {
	.name = "verbs",
	.rx_offloads = RTE_ETH_RX_OFFLOAD_SCATTER,
	.tx_offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS,
	.rx_software = MLX5X_CHECKSUM_RX,
	.tx_software = MLX5X_CHECKSUM_TX,
	.rx_burst_software = mlx5x_dp_verbs_rx_burst_software,
	.tx_burst_software = mlx5x_dp_verbs_tx_burst_software,
	.rx_burst = mlx5x_dp_verbs_rx_burst,
	.tx_burst = mlx5x_dp_verbs_tx_burst,
	.rx_attach = mlx5x_dp_verbs_rx_attach,
	.tx_attach = mlx5x_dp_verbs_tx_attach,
	.rx_detach = mlx5x_dp_verbs_rx_detach,
	.tx_detach = mlx5x_dp_verbs_tx_detach,
	.rx_fill = mlx5x_dp_verbs_rx_fill,
	.rx_arm = mlx5x_dp_verbs_rx_arm,
	.rx_is_done = mlx5x_early_poll,
	.tx_reap = mlx5x_dp_verbs_tx_reap,
	.rx_discard = mlx5x_dp_verbs_rx_discard,
	.tx_discard = mlx5x_dp_verbs_tx_discard,
};

const struct mlx5x_datapath mlx5x_dp_verbs_credit = {
	.name = "verbs",
	.rx_offloads = RTE_ETH_RX_OFFLOAD_SCATTER,
	.tx_offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS,
	.rx_software = MLX5X_CHECKSUM_RX,
	.tx_software = MLX5X_CHECKSUM_TX,
	.rx_burst_software = mlx5x_dp_verbs_credit_rx_burst_software,
	.tx_burst_software = mlx5x_dp_verbs_credit_tx_burst_software,
	.rx_burst = mlx5x_dp_verbs_credit_rx_burst,
	.tx_burst = mlx5x_dp_verbs_credit_tx_burst,
	.rx_attach = mlx5x_dp_verbs_rx_attach,
	.tx_attach = mlx5x_dp_verbs_credit_tx_attach,
	.rx_detach = mlx5x_dp_verbs_rx_detach,
	.tx_detach = mlx5x_dp_verbs_tx_detach,
	.rx_fill = mlx5x_dp_verbs_credit_rx_fill,
	.rx_arm = mlx5x_dp_verbs_rx_arm,
	.rx_is_done = mlx5x_early_poll,
	.tx_reap = mlx5x_dp_verbs_tx_reap,
	.rx_discard = mlx5x_dp_verbs_rx_discard,
	.tx_discard = mlx5x_dp_verbs_tx_discard,
};

const struct mlx5x_datapath mlx5x_dp_verbs_raw = {
	.name = "verbs",
	.rx_offloads = RTE_ETH_RX_OFFLOAD_SCATTER,
	.tx_offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS,
	.rx_burst = mlx5x_dp_verbs_raw_rx_burst,
	.tx_burst = mlx5x_dp_verbs_tx_burst,
	.rx_attach = mlx5x_dp_verbs_rx_attach,
	.tx_attach = mlx5x_dp_verbs_tx_attach,
	.rx_detach = mlx5x_dp_verbs_rx_detach,
	.tx_detach = mlx5x_dp_verbs_tx_detach,
	.rx_fill = mlx5x_dp_verbs_raw_rx_fill,
	.rx_arm = mlx5x_dp_verbs_rx_arm,
	.rx_is_done = mlx5x_early_poll,
	.tx_reap = mlx5x_dp_verbs_tx_reap,
	.rx_discard = mlx5x_dp_verbs_rx_discard,
	.tx_discard = mlx5x_dp_verbs_tx_discard,
};
