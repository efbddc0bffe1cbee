/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <bsd/string.h>

#include <rte_common.h>
#include <rte_ethdev.h>

#include "device/caps.h"
#include "device/netdev.h"

#define RAW_PACKETS (1u << IBV_QPT_RAW_PACKET)

static void
read_raw(const struct ibv_device_attr_ex *dev, struct mlx5x_caps *caps)
{
	caps->rx_offloads = RTE_ETH_RX_OFFLOAD_SCATTER;
	caps->tx_offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS | RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	if (!(dev->rss_caps.supported_qpts & RAW_PACKETS))
		return;
	caps->max_reta = rte_align32prevpow2(dev->rss_caps.max_rwq_indirection_table_size);
	if (dev->rss_caps.rx_hash_function & IBV_RX_HASH_FUNC_TOEPLITZ) {
		caps->rss_fields = dev->rss_caps.rx_hash_fields_mask;
		caps->rx_offloads |= RTE_ETH_RX_OFFLOAD_RSS_HASH;
	}
	if (dev->raw_packet_caps & IBV_RAW_PACKET_CAP_CVLAN_STRIPPING)
		caps->rx_offloads |= RTE_ETH_RX_OFFLOAD_VLAN_STRIP;
	if (dev->raw_packet_caps & IBV_RAW_PACKET_CAP_IP_CSUM) {
		caps->rx_offloads |= RTE_ETH_RX_OFFLOAD_CHECKSUM;
		caps->tx_offloads |= RTE_ETH_TX_OFFLOAD_IPV4_CKSUM |
			RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM;
	}
}

/* A missing GID is no error: only some wires address the peer by it. */
static bool
read_gid(struct ibv_context *ctx, const char *netdev, const struct ibv_port_attr *port,
	union ibv_gid *gid)
{
	struct in6_addr ip;

	if (ctx->device->transport_type != IBV_TRANSPORT_IWARP)
		return port->gid_tbl_len > 0 &&
			ibv_query_gid(ctx, MLX5X_CAPS_PORT, MLX5X_CAPS_GID_INDEX, gid) == 0;
	if (mlx5x_netdev_ip(netdev, &ip) != 0)
		return false;
	memcpy(gid->raw, &ip, sizeof(gid->raw));
	return true;
}

int
mlx5x_caps_query(struct ibv_context *ctx, const char *netdev, struct mlx5x_caps *caps)
{
	struct ibv_device_attr_ex ex = {0};
	const struct ibv_device_attr *dev = &ex.orig_attr;
	struct ibv_port_attr port;
	int ret;

	ret = ibv_query_device_ex(ctx, NULL, &ex);
	if (ret != 0)
		return -ret;
	ret = ibv_query_port(ctx, MLX5X_CAPS_PORT, &port);
	if (ret != 0)
		return -ret;
	/* The raw packet capabilities stay 0 if the device has no raw packets. */
	*caps = (struct mlx5x_caps){0};
	caps->has_gid = read_gid(ctx, netdev, &port, &caps->gid);
	/* A CQ must hold a CQE for each WQE of a ring. */
	caps->max_wr = rte_align32prevpow2(RTE_MIN(dev->max_qp_wr, dev->max_cqe));
	caps->max_sge = RTE_MIN((uint32_t)dev->max_sge, MLX5X_CAPS_SGE);
	caps->max_mr = dev->max_mr;
	caps->max_mr_size = dev->max_mr_size;
	caps->path_mtu = port.active_mtu;
	caps->lid = port.lid;
	strlcpy(caps->firmware, dev->fw_ver, sizeof(caps->firmware));
	read_raw(&ex, caps);
	return 0;
}
