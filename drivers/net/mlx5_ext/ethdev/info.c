/* SPDX-License-Identifier: BSD-3-Clause */
#include <net/if.h>
#include <stdio.h>

#include <rte_common.h>

#include "ethdev/info.h"
#include "queue/datapath.h"
#include "queue/port.h"
#include "queue/wire.h"
#include "steer/rss.h"

/* Limits of this driver. Longer rings hold more mbufs; shorter ones refill in smaller steps. */
#define MAX_DESC 8192u
#define MIN_DESC 32
#define MAX_MTU 9600	/* above the usual jumbo MTU of 9000 */

static void
fill_rss_info(const struct mlx5x_port *port, const struct mlx5x_wire *wire,
	struct rte_eth_dev_info *info)
{
	if (wire->rss_changed == NULL)
		return;
	info->flow_type_rss_offloads = mlx5x_rss_offered(port->caps.rss_fields);
	info->hash_key_size = MLX5X_RSS_KEY_LEN;
	info->reta_size = RTE_MIN(port->caps.max_reta, MLX5X_RSS_RETA);
}

int
mlx5x_info_get(struct rte_eth_dev *dev, struct rte_eth_dev_info *info)
{
	const struct mlx5x_port *port = dev->data->dev_private;
	const struct mlx5x_wire *wire = dev->process_private;
	const struct rte_eth_desc_lim lim = {
		.nb_max = RTE_MIN(port->caps.max_wr, MAX_DESC),
		.nb_min = MIN_DESC,
		.nb_align = 1,
		.nb_seg_max = port->caps.max_sge,
		.nb_mtu_seg_max = port->caps.max_sge,
	};

	info->if_index = if_nametoindex(port->found.netdev);
	info->min_mtu = RTE_ETHER_MIN_MTU;
	info->max_mtu = MAX_MTU;
	info->min_rx_bufsize = 64;
	info->max_rx_pktlen = MAX_MTU + MLX5X_FRAME_OVERHEAD;
	info->max_rx_queues = MLX5X_PORT_PAIRS;
	info->max_tx_queues = MLX5X_PORT_PAIRS;
	info->max_mac_addrs = MLX5X_FILTER_MACS;
	info->rx_offload_capa = (wire->dp->rx_offloads & port->caps.rx_offloads) |
		wire->dp->rx_software;
	info->rx_queue_offload_capa = info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER;
	info->tx_offload_capa = (wire->dp->tx_offloads & port->caps.tx_offloads) |
		wire->dp->tx_software;
	fill_rss_info(port, wire, info);
	info->rx_desc_lim = lim;
	info->tx_desc_lim = lim;
	info->dev_capa &= ~RTE_ETH_DEV_CAPA_FLOW_RULE_KEEP;
	return 0;
}

int
mlx5x_info_firmware(struct rte_eth_dev *dev, char *version, size_t size)
{
	const struct mlx5x_port *port = dev->data->dev_private;
	int n = snprintf(version, size, "%s", port->caps.firmware);

	return n >= 0 && (size_t)n >= size ? n + 1 : 0;
}

int
mlx5x_info_burst_mode(struct rte_eth_dev *dev, uint16_t queue, struct rte_eth_burst_mode *mode)
{
	const struct mlx5x_wire *wire = dev->process_private;

	snprintf(mode->info, sizeof(mode->info), "%s over %s", wire->dp->name, wire->name);
	return 0;
}

const uint32_t *
mlx5x_info_ptypes(MLX5X_PTYPES_GET_ARGS)
{
	const struct mlx5x_wire *wire = dev->process_private;
	const uint32_t *ptypes = wire->dp->ptypes;
	size_t n = 0;

	while (ptypes != NULL && ptypes[n] != RTE_PTYPE_UNKNOWN)
		n++;
	MLX5X_PTYPES_SET_COUNT(n);
	return ptypes;
}
