/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#define LOG_ROOM "queue"
#include "counter.h"
#include "log.h"
#include "queue.h"
#include "rxq.h"
#include "txq.h"
#include "verbs.h"

/* A queue without its counterpart still needs a CQ on that side of the QP: it lends its own. */
static int
create_cqs(struct mlx5x_pair *pair)
{
	struct ibv_context *ctx = pair->port->ctx;
	int ret;

	if (pair->rxq != NULL) {
		ret = mlx5x_verbs_create_cq(ctx, pair->rxq->size, &pair->rx_cq);
		if (ret != 0)
			return ret;
	}
	return pair->txq != NULL ?
		mlx5x_verbs_create_cq(ctx, pair->txq->size, &pair->tx_cq) : 0;
}

static int
create_qp(struct mlx5x_pair *pair)
{
	struct ibv_qp_init_attr init = {
		.qp_type = pair->port->wire->qp_type,
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

/* The queues learn their rings with the gates closed; join opens them. */
static void
attach_queues(struct mlx5x_pair *pair)
{
	struct mlx5x_mr_table *mrs = &pair->port->mrs;

	if (pair->rxq != NULL) {
		pair->rxq->qp = pair->qp;
		pair->rxq->cq = pair->rx_cq;
		mlx5x_mr_add_user(mrs, &pair->rxq->user);
	}
	if (pair->txq != NULL) {
		pair->txq->qp = pair->qp;
		pair->txq->cq = pair->tx_cq;
		mlx5x_mr_add_user(mrs, &pair->txq->user);
	}
}

int
mlx5x_pair_create(struct mlx5x_pair *pair, struct mlx5x_port *port, struct mlx5x_rxq *rxq,
	struct mlx5x_txq *txq)
{
	int ret;

	*pair = (struct mlx5x_pair){.port = port, .rxq = rxq, .txq = txq};
	ret = create_cqs(pair);
	if (ret == 0)
		ret = create_qp(pair);
	if (ret == 0)
		attach_queues(pair);
	else
		mlx5x_pair_destroy(pair);
	return ret;
}

static void
close_gates(struct mlx5x_pair *pair)
{
	if (pair->rxq != NULL)
		mlx5x_gate_close(&pair->rxq->user.gate);
	if (pair->txq != NULL)
		mlx5x_gate_close(&pair->txq->user.gate);
}

static void
open_gates(struct mlx5x_pair *pair)
{
	if (pair->rxq != NULL)
		mlx5x_gate_open(&pair->rxq->user.gate);
	if (pair->txq != NULL)
		mlx5x_gate_open(&pair->txq->user.gate);
}

static void
detach_queues(struct mlx5x_pair *pair)
{
	if (pair->rxq != NULL) {
		mlx5x_mr_remove_user(&pair->port->mrs, &pair->rxq->user);
		mlx5x_rxq_drain(pair->rxq);
		pair->rxq->qp = NULL;
		pair->rxq->cq = NULL;
	}
	if (pair->txq != NULL) {
		mlx5x_mr_remove_user(&pair->port->mrs, &pair->txq->user);
		mlx5x_txq_abandon(pair->txq);
		mlx5x_txq_free_done(pair->txq);
		pair->txq->qp = NULL;
		pair->txq->cq = NULL;
	}
}

void
mlx5x_pair_destroy(struct mlx5x_pair *pair)
{
	bool attached = pair->qp != NULL;

	if (pair->state == MLX5X_PAIR_JOINED)
		close_gates(pair);
	/* The device lets go of the buffers with the QP, so it goes before they do. */
	mlx5x_verbs_destroy_qp(pair->qp);
	if (attached)
		detach_queues(pair);
	mlx5x_verbs_destroy_cq(pair->rx_cq);
	mlx5x_verbs_destroy_cq(pair->tx_cq);
	*pair = (struct mlx5x_pair){0};
}

int
mlx5x_pair_arm(struct mlx5x_pair *pair)
{
	int ret;

	ret = pair->port->wire->arm(pair->qp);
	if (ret != 0)
		return ret;
	pair->state = MLX5X_PAIR_ARMED;
	if (pair->rxq == NULL)
		return 0;
	pair->rxq->dp->rx_fill(pair->rxq);
	if (pair->rxq->pi != pair->rxq->ci)
		return 0;
	return mlx5x_flag_read(&pair->rxq->missed) ? -EFAULT : -ENOMEM;
}

int
mlx5x_pair_join(struct mlx5x_pair *pair, const struct mlx5x_remote *remote, uint32_t max_frame)
{
	int ret;

	ret = pair->port->wire->join(pair->qp, remote);
	if (ret != 0)
		return ret;
	pair->remote = *remote;
	if (pair->txq != NULL)
		pair->txq->max_frame = max_frame;
	pair->state = MLX5X_PAIR_JOINED;
	open_gates(pair);
	return 0;
}

int
mlx5x_pair_unjoin(struct mlx5x_pair *pair)
{
	int ret;

	/* A pair whose recovery failed is ARMED, with its gates closed. */
	if (pair->state == MLX5X_PAIR_JOINED)
		close_gates(pair);
	pair->state = MLX5X_PAIR_ARMED;
	ret = pair->port->wire->arm(pair->qp);
	if (ret != 0)
		return ret;
	if (pair->txq != NULL)
		mlx5x_txq_abandon(pair->txq);
	if (pair->rxq != NULL) {
		mlx5x_rxq_rewind(pair->rxq);
		pair->rxq->dp->rx_fill(pair->rxq);
	}
	return 0;
}
