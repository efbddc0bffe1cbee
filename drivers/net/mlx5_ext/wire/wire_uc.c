/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wire_uc.c - the wire of unreliable connected QPs: a frame is lost if no buffer is posted for it.
 * The device does not count that, so frames are numbered. UC resynchronises on any PSN, so one end
 * recovers alone.
 */
#include <stddef.h>

#include "common/verbs.h"
#include "datapath/dp_verbs.h"
#include "queue/pair.h"
#include "queue/recover.h"
#include "wire/connected.h"
#include "wire/wires.h"

static int
create(struct mlx5x_pair *pair)
{
	return mlx5x_connected_create(pair, IBV_QPT_UC);
}

static int
prepare(struct mlx5x_pair *pair, enum mlx5x_side sides)
{
	return mlx5x_connected_prepare(pair);
}

static int
connect_pair(struct mlx5x_pair *pair, const struct mlx5x_remote *remote, enum mlx5x_side sides)
{
	struct ibv_qp_attr rtr, rts = {.qp_state = IBV_QPS_RTS};
	int ret;

	mlx5x_connected_rtr(remote, &rtr);
	ret = mlx5x_verbs_modify_qp(pair->qp, &rtr, MLX5X_CONNECTED_RTR);
	if (ret != 0)
		return ret;
	return mlx5x_verbs_modify_qp(pair->qp, &rts, IBV_QP_STATE | IBV_QP_SQ_PSN);
}

const struct mlx5x_wire mlx5x_wire_uc = {
	.name = "uc",
	.dp = &mlx5x_dp_verbs_numbered,
	.cable = true,
	.check = mlx5x_connected_check,
	.create_cq = mlx5x_verbs_create_cq,
	.create = create,
	.destroy = mlx5x_connected_destroy,
	.prepare = prepare,
	.connect = connect_pair,
	.recover = mlx5x_recover_alone,
	.up = mlx5x_connected_up,
	.down = mlx5x_connected_down,
};
