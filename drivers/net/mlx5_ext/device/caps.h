/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * caps.h - the capabilities of the rdma device, queried once at probe and constant then.
 */
#ifndef MLX5X_CAPS_H_
#define MLX5X_CAPS_H_

#include <stdbool.h>
#include <stdint.h>

#include <infiniband/verbs.h>

/* The port of the rdma device that QPs use, and the index of its GID. */
#define MLX5X_CAPS_PORT 1
#define MLX5X_CAPS_GID_INDEX 0

/* SGEs of a WQE at most. More would allow longer chains of mbufs, but each costs ring memory. */
#define MLX5X_CAPS_SGE 16u

struct mlx5x_caps {
	uint32_t max_wr;	/* WQEs in one ring, a power of two */
	uint32_t max_sge;	/* SGEs of one WQE, at most MLX5X_CAPS_SGE */
	uint32_t max_mr;	/* MRs */
	uint64_t max_mr_size;	/* bytes of one MR */
	enum ibv_mtu path_mtu;	/* of port 1 */
	/* For raw packet QPs: */
	uint32_t max_reta;	/* entries of an RSS table, a power of two; 0: no such QPs */
	uint64_t rss_fields;	/* of enum ibv_rx_hash_fields */
	uint64_t rx_offloads;	/* RTE_ETH_RX_OFFLOAD_..., with any datapath */
	uint64_t tx_offloads;	/* RTE_ETH_TX_OFFLOAD_..., with any datapath */
	bool has_gid;
	/* Of port 1, index 0. On iWARP, whose GIDs are not routable, the netdev's IP address. */
	union ibv_gid gid;
	uint16_t lid;
	char firmware[64];
};

/* netdev: of the device. 0, or -errno of the first query that failed. May sleep. */
int mlx5x_caps_query(struct ibv_context *ctx, const char *netdev, struct mlx5x_caps *caps);

/*
 * ConnectX-4 and 4 Lx with their virtual functions, by PCI device ID, require the L2 header inline
 * in each WQE; later ones do not.
 */
static inline bool
mlx5x_caps_inlines_l2(uint16_t device_id)
{
	return device_id >= 0x1013 && device_id <= 0x1016;
}

#endif
