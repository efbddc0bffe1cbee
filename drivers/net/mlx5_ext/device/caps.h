/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * caps.h - what the rdma device can do, asked once at probe and constant from then on.
 */
#ifndef MLX5X_CAPS_H_
#define MLX5X_CAPS_H_

#include <stdbool.h>
#include <stdint.h>

#include <infiniband/verbs.h>

/* The port of the rdma device, and its GID, that queue pairs use. */
#define MLX5X_CAPS_PORT 1
#define MLX5X_CAPS_GID_INDEX 0

/* More segments than this in a packet are never needed, and each costs ring memory. */
#define MLX5X_CAPS_SGE 16u

struct mlx5x_caps {
	uint32_t max_wr;	/* work requests in one ring, a power of two */
	uint32_t max_sge;	/* segments of one work request, at most MLX5X_CAPS_SGE */
	uint32_t max_mr;	/* memory regions */
	uint64_t max_mr_size;	/* bytes of one */
	enum ibv_mtu path_mtu;	/* of port 1 */
	/* For raw packets: work queues below indirection tables, and rules that lead there. */
	uint32_t max_reta;	/* entries of an indirection table, a power of two; 0: no raw packets */
	uint64_t rss_fields;	/* of enum ibv_rx_hash_fields */
	uint64_t rx_offloads;	/* RTE_ETH_RX_OFFLOAD_... of the device, whatever drives its rings */
	uint64_t tx_offloads;	/* RTE_ETH_TX_OFFLOAD_... likewise */
	bool has_gid;
	/* Of port 1, index 0, if there is one. On iWARP, whose GIDs lead nowhere, the netdev's IP. */
	union ibv_gid gid;
	uint16_t lid;
	char firmware[64];
};

/* 0, or -errno of the first query that failed. netdev: that of the device. May sleep. */
int mlx5x_caps_query(struct ibv_context *ctx, const char *netdev, struct mlx5x_caps *caps);

#endif
