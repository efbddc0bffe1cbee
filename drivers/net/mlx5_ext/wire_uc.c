/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wire_uc.c - the wire of one unreliable connected QP per queue pair: an Ethernet frame is a SEND.
 * Sources: ibv_modify_qp(3) for the attributes that each step needs.
 */
#include <stddef.h>

#include "caps.h"
#include "datapath.h"
#include "peer.h"
#include "queue.h"
#include "rxq.h"
#include "txq.h"
#include "verbs.h"

static const char *
check(const struct mlx5x_port *port)
{
	return port->caps.has_gid ? NULL : "no GID at index 0 of port 1 (is the netdev up?)";
}

/* A queue without its counterpart still needs a CQ on that side of the QP: it lends its own. */
static int
create(struct mlx5x_pair *pair)
{
	struct ibv_qp_init_attr init = {
		.qp_type = IBV_QPT_UC,
		.send_cq = pair->tx_cq != NULL ? pair->tx_cq : pair->rx_cq,
		.recv_cq = pair->rx_cq != NULL ? pair->rx_cq : pair->tx_cq,
		.cap = {
			.max_send_wr = pair->txq != NULL ? pair->txq->size : 1,
			.max_send_sge = pair->txq != NULL ? pair->txq->max_sge : 1,
			.max_recv_wr = pair->rxq != NULL ? pair->rxq->size : 1,
			.max_recv_sge = pair->rxq != NULL ? pair->rxq->nb_sge : 1,
		},
	};

	return mlx5x_verbs_create_qp(pair->port->pd, &init, &pair->qp);
}

static void
destroy(struct mlx5x_pair *pair)
{
	mlx5x_verbs_destroy_qp(pair->qp);
	pair->qp = NULL;
}

static int
arm(struct mlx5x_pair *pair, enum mlx5x_side sides)
{
	struct ibv_qp_attr reset = {.qp_state = IBV_QPS_RESET};
	struct ibv_qp_attr init = {.qp_state = IBV_QPS_INIT, .port_num = MLX5X_CAPS_PORT};
	int ret;

	ret = mlx5x_verbs_modify_qp(pair->qp, &reset, IBV_QP_STATE);
	if (ret != 0)
		return ret;
	return mlx5x_verbs_modify_qp(pair->qp, &init,
		IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT | IBV_QP_ACCESS_FLAGS);
}

static int
join(struct mlx5x_pair *pair, const struct mlx5x_remote *remote, enum mlx5x_side sides)
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

	ret = mlx5x_verbs_modify_qp(pair->qp, &rtr,
		IBV_QP_STATE | IBV_QP_AV | IBV_QP_PATH_MTU | IBV_QP_DEST_QPN | IBV_QP_RQ_PSN);
	if (ret != 0)
		return ret;
	return mlx5x_verbs_modify_qp(pair->qp, &rts, IBV_QP_STATE | IBV_QP_SQ_PSN);
}

const struct mlx5x_wire mlx5x_wire_uc = {
	.name = "uc",
	.dp = &mlx5x_dp_verbs,
	.cable = true,
	.check = check,
	.create_cq = mlx5x_verbs_create_cq,
	.create = create,
	.destroy = destroy,
	.arm = arm,
	.join = join,
	.up = mlx5x_peer_up,
	.down = mlx5x_peer_down,
};
