/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wire_raw.c - the network of the device: a raw packet QP per Tx queue, and a WQ per Rx queue, to
 * which the flow rules of the device steer frames.
 * Sources: ibv_create_qp(3), ibv_create_wq(3), ibv_modify_wq(3).
 */
#include <stddef.h>
#include <string.h>

#include <ethdev_driver.h>

#define LOG_COMPONENT "wire"
#include "common/log.h"
#include "common/verbs.h"
#include "datapath/dp_verbs.h"
#include "device/caps.h"
#include "queue/link.h"
#include "queue/pair.h"
#include "queue/rxq.h"
#include "queue/txq.h"
#include "steer/steer.h"
#include "wire/stall.h"
#include "wire/wire_raw.h"
#include "wire/wires.h"

const char *
mlx5x_wire_raw_check(const struct mlx5x_port *port)
{
	return port->caps.max_reta != 0 ? NULL : "there are no raw packet queues";
}

static int
create_tx(struct mlx5x_pair *pair, uint32_t max_sge)
{
	/* Without receives, but the receive CQ is mandatory. */
	struct ibv_qp_init_attr init = {
		.qp_type = IBV_QPT_RAW_PACKET,
		.send_cq = pair->tx_cq,
		.recv_cq = pair->tx_cq,
		.cap = {
			.max_send_wr = pair->txq->size,
			.max_send_sge = max_sge,
		},
	};

	return mlx5x_verbs_create_qp(pair->port->pd, &init, &pair->qp);
}

static int
create_rx(struct mlx5x_pair *pair)
{
	struct ibv_wq_init_attr init = {
		.wq_type = IBV_WQT_RQ,
		.max_wr = pair->rxq->size,
		.max_sge = pair->rxq->nb_sge,
		.pd = pair->port->pd,
		.cq = pair->rx_cq,
	};

	if (pair->rxq->offloads & RTE_ETH_RX_OFFLOAD_VLAN_STRIP) {
		init.comp_mask = IBV_WQ_INIT_ATTR_FLAGS;
		init.create_flags = IBV_WQ_FLAGS_CVLAN_STRIPPING;
	}
	return mlx5x_verbs_create_wq(pair->port->ctx, &init, &pair->wq);
}

void
mlx5x_wire_raw_destroy(struct mlx5x_pair *pair)
{
	mlx5x_verbs_destroy_qp(pair->qp);
	mlx5x_verbs_destroy_wq(pair->wq);
	pair->qp = NULL;
	pair->wq = NULL;
}

int
mlx5x_wire_raw_create(struct mlx5x_pair *pair, uint32_t max_sge)
{
	int ret = 0;

	if (pair->txq != NULL)
		ret = create_tx(pair, max_sge);
	if (pair->rxq != NULL && ret == 0)
		ret = create_rx(pair);
	if (ret != 0)
		mlx5x_wire_raw_destroy(pair);
	return ret;
}

static int
create(struct mlx5x_pair *pair)
{
	return mlx5x_wire_raw_create(pair, pair->txq != NULL ? pair->txq->max_sge : 0);
}

static int
prepare_tx(struct ibv_qp *qp)
{
	struct ibv_qp_attr reset = {.qp_state = IBV_QPS_RESET};
	struct ibv_qp_attr init = {.qp_state = IBV_QPS_INIT, .port_num = MLX5X_CAPS_PORT};
	int ret;

	ret = mlx5x_verbs_modify_qp(qp, &reset, IBV_QP_STATE);
	return ret != 0 ? ret : mlx5x_verbs_modify_qp(qp, &init, IBV_QP_STATE | IBV_QP_PORT);
}

static int
prepare_rx(struct ibv_wq *wq)
{
	int ret = 0;

	/* A new WQ is in RESET, and RESET to RESET is no valid transition. */
	if (wq->state != IBV_WQS_RESET)
		ret = mlx5x_verbs_modify_wq(wq, IBV_WQS_RESET);
	return ret != 0 ? ret : mlx5x_verbs_modify_wq(wq, IBV_WQS_RDY);
}

int
mlx5x_wire_raw_prepare(struct mlx5x_pair *pair, enum mlx5x_side sides)
{
	int ret = 0;

	if (pair->qp != NULL && (sides & MLX5X_SIDE_TX))
		ret = prepare_tx(pair->qp);
	if (pair->wq != NULL && (sides & MLX5X_SIDE_RX) && ret == 0)
		ret = prepare_rx(pair->wq);
	return ret;
}

/* A WQ is in RDY since prepare. */
int
mlx5x_wire_raw_connect(struct mlx5x_pair *pair, const struct mlx5x_remote *remote,
	enum mlx5x_side sides)
{
	struct ibv_qp_attr rtr = {.qp_state = IBV_QPS_RTR}, rts = {.qp_state = IBV_QPS_RTS};
	int ret;

	if (pair->qp == NULL || !(sides & MLX5X_SIDE_TX))
		return 0;
	ret = mlx5x_verbs_modify_qp(pair->qp, &rtr, IBV_QP_STATE);
	return ret != 0 ? ret : mlx5x_verbs_modify_qp(pair->qp, &rts, IBV_QP_STATE);
}

/*
 * Calls func with the WQs of the port, whose pairs are published; not for a port without Rx queues.
 */
static int
steer_by(struct mlx5x_port *port,
	int (*func)(struct mlx5x_steer *steer, const struct mlx5x_steer_config *config))
{
	struct ibv_wq *wqs[MLX5X_PORT_PAIRS];
	const struct mlx5x_steer_config config = {
		.name = port->dev->data->name,
		.ctx = port->ctx,
		.pd = port->pd,
		.filter = &port->filter,
		.rss = &port->rss,
		.wqs = wqs,
	};
	uint16_t i;

	if (port->dev->data->nb_rx_queues == 0)
		return 0;
	for (i = 0; i < port->nb_pairs; i++)
		wqs[i] = port->pairs[i].wq;
	return func(&port->steer, &config);
}

int
mlx5x_wire_raw_filter_changed(struct mlx5x_port *port)
{
	return mlx5x_steer_sync(&port->steer, &port->filter);
}

int
mlx5x_wire_raw_rss_changed(struct mlx5x_port *port)
{
	return steer_by(port, mlx5x_steer_rebuild);
}

static int
start_pairs(struct mlx5x_port *port)
{
	const struct mlx5x_remote none = {0};
	uint32_t max_frame = port->dev->data->mtu + MLX5X_FRAME_OVERHEAD;
	uint16_t i;
	int ret = 0;

	pthread_mutex_lock(&port->lock);
	for (i = 0; i < port->nb_pairs && ret == 0; i++)
		ret = mlx5x_pair_start(&port->pairs[i], &none, max_frame);
	pthread_mutex_unlock(&port->lock);
	if (ret != 0)
		MLX5X_LOG(ERR, "%s: cannot start queue pair %u: %s",
			port->dev->data->name, i - 1, strerror(-ret));
	return ret;
}

int
mlx5x_wire_raw_up(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs)
{
	int ret;

	mlx5x_pair_publish(port, pairs, nb_pairs);
	ret = start_pairs(port);
	if (ret == 0)
		ret = steer_by(port, mlx5x_steer_start);
	if (ret == 0)
		ret = mlx5x_stall_start(port);
	if (ret != 0) {
		mlx5x_wire_raw_down(port);
		return ret;
	}
	mlx5x_port_set_joined(port, true);
	mlx5x_link_changed(port);
	return 0;
}

void
mlx5x_wire_raw_down(struct mlx5x_port *port)
{
	mlx5x_stall_stop(port);
	mlx5x_port_set_joined(port, false);
	mlx5x_steer_stop(&port->steer);
	mlx5x_pair_publish(port, NULL, 0);
}

const struct mlx5x_wire mlx5x_wire_raw = {
	.name = "raw",
	.dp = &mlx5x_dp_verbs_raw,
	MLX5X_WIRE_RAW_COMMON,
	.check = mlx5x_wire_raw_check,
	.create_cq = mlx5x_verbs_create_cq,
	.create = create,
};
