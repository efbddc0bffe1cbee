/* SPDX-License-Identifier: BSD-3-Clause */
#include <stddef.h>
#include <string.h>

#include <rte_common.h>

#include "caps.h"
#include "verbs.h"
#include "wire.h"

static int
uc_arm(struct ibv_qp *qp)
{
	struct ibv_qp_attr reset = {.qp_state = IBV_QPS_RESET};
	struct ibv_qp_attr init = {.qp_state = IBV_QPS_INIT, .port_num = MLX5X_CAPS_PORT};
	int ret;

	ret = mlx5x_verbs_modify_qp(qp, &reset, IBV_QP_STATE);
	if (ret != 0)
		return ret;
	return mlx5x_verbs_modify_qp(qp, &init,
		IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT | IBV_QP_ACCESS_FLAGS);
}

static int
uc_join(struct ibv_qp *qp, const struct mlx5x_remote *remote)
{
	struct ibv_qp_attr rtr = {
		.qp_state = IBV_QPS_RTR,
		.path_mtu = remote->path_mtu,
		.dest_qp_num = remote->qpn,
		.ah_attr = {
			.is_global = 1,
			.dlid = remote->lid,
			.port_num = MLX5X_CAPS_PORT,
			.grh = {.dgid = remote->gid, .sgid_index = MLX5X_CAPS_GID_INDEX, .hop_limit = 64},
		},
	};
	struct ibv_qp_attr rts = {.qp_state = IBV_QPS_RTS};
	int ret;

	ret = mlx5x_verbs_modify_qp(qp, &rtr,
		IBV_QP_STATE | IBV_QP_AV | IBV_QP_PATH_MTU | IBV_QP_DEST_QPN | IBV_QP_RQ_PSN);
	if (ret != 0)
		return ret;
	return mlx5x_verbs_modify_qp(qp, &rts, IBV_QP_STATE | IBV_QP_SQ_PSN);
}

static const struct mlx5x_wire wires[] = {
	{.name = "uc", .qp_type = IBV_QPT_UC, .arm = uc_arm, .join = uc_join},
};

const struct mlx5x_wire *
mlx5x_wire_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(wires); i++)
		if (strcmp(wires[i].name, name) == 0)
			return &wires[i];
	return NULL;
}
