/* SPDX-License-Identifier: BSD-3-Clause */
#include <stddef.h>

#include "cable/peer.h"
#include "common/verbs.h"
#include "device/caps.h"
#include "queue/pair.h"
#include "queue/rxq.h"
#include "queue/txq.h"
#include "wire/connected.h"
#include "wire/stall.h"

const char *
mlx5x_connected_check(const struct mlx5x_port *port)
{
	return port->caps.has_gid ? NULL : "no GID at index 0 of port 1 (is the netdev up?)";
}

/* A QP needs both CQs: a queue without its counterpart uses its own CQ for the other side too. */
int
mlx5x_connected_create(struct mlx5x_pair *pair, enum ibv_qp_type type)
{
	struct ibv_qp_init_attr init = {
		.qp_type = type,
		.send_cq = pair->tx_cq != NULL ? pair->tx_cq : pair->rx_cq,
		.recv_cq = pair->rx_cq != NULL ? pair->rx_cq : pair->tx_cq,
		.cap = {
			.max_send_wr = pair->txq != NULL ? pair->txq->size : 1,
			.max_send_sge = pair->txq != NULL ? pair->txq->max_sge : 1,
			.max_recv_wr = pair->rxq != NULL ? pair->rxq->room : 1,
			.max_recv_sge = pair->rxq != NULL ? pair->rxq->nb_sge : 1,
		},
	};
	int ret;

	ret = mlx5x_verbs_create_qp(pair->port->pd, &init, &pair->qp);
	if (ret == 0)
		pair->qpn = pair->qp->qp_num;
	return ret;
}

void
mlx5x_connected_destroy(struct mlx5x_pair *pair)
{
	mlx5x_verbs_destroy_qp(pair->qp);
	pair->qp = NULL;
}

int
mlx5x_connected_prepare(struct mlx5x_pair *pair)
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

void
mlx5x_connected_rtr(const struct mlx5x_remote *remote, struct ibv_qp_attr *rtr)
{
	*rtr = (struct ibv_qp_attr){
		.qp_state = IBV_QPS_RTR,
		.path_mtu = remote->path_mtu,
		.dest_qp_num = remote->qpn,
		.rq_psn = remote->psn,
		.ah_attr = {
			.is_global = 1,
			.dlid = remote->lid,
			.port_num = MLX5X_CAPS_PORT,
			.grh = {
				.dgid = remote->gid,
				.sgid_index = MLX5X_CAPS_GID_INDEX,
				.hop_limit = 64,
			},
		},
	};
}

int
mlx5x_connected_up(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs)
{
	int ret;

	ret = mlx5x_peer_up(port, pairs, nb_pairs);
	if (ret != 0)
		return ret;
	ret = mlx5x_stall_start(port);
	if (ret != 0)
		mlx5x_peer_down(port);
	return ret;
}

void
mlx5x_connected_down(struct mlx5x_port *port)
{
	mlx5x_stall_stop(port);
	mlx5x_peer_down(port);
}
