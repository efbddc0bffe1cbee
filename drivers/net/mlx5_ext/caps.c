/* SPDX-License-Identifier: BSD-3-Clause */
#include <bsd/string.h>

#include <rte_common.h>

#include "caps.h"

int
mlx5x_caps_query(struct ibv_context *ctx, struct mlx5x_caps *caps)
{
	struct ibv_device_attr dev;
	struct ibv_port_attr port;
	int ret;

	ret = ibv_query_device(ctx, &dev);
	if (ret != 0)
		return -ret;
	ret = ibv_query_port(ctx, MLX5X_CAPS_PORT, &port);
	if (ret != 0)
		return -ret;
	/* Not an error: only some wires address the other end by it. */
	caps->has_gid = port.gid_tbl_len > 0 &&
		ibv_query_gid(ctx, MLX5X_CAPS_PORT, MLX5X_CAPS_GID_INDEX, &caps->gid) == 0;
	/* A CQ must hold a completion for each work request of a ring. */
	caps->max_wr = rte_align32prevpow2(RTE_MIN(dev.max_qp_wr, dev.max_cqe));
	caps->max_sge = RTE_MIN((uint32_t)dev.max_sge, MLX5X_CAPS_SGE);
	caps->max_mr = dev.max_mr;
	caps->max_mr_size = dev.max_mr_size;
	caps->path_mtu = port.active_mtu;
	caps->lid = port.lid;
	strlcpy(caps->firmware, dev.fw_ver, sizeof(caps->firmware));
	return 0;
}
