/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <ethdev_driver.h>

#define LOG_COMPONENT "iwarp_rx"
#include "common/log.h"
#include "common/verbs.h"
#include "device/netdev.h"
#include "iwarp/cm.h"
#include "iwarp/iwarp_rx.h"
#include "queue/pair.h"
#include "queue/rxq.h"

static int
listen_at(struct mlx5x_iwarp_rx *rx, const struct mlx5x_port *port)
{
	struct mlx5x_cm_address at = {
		.ip = port->caps.gid,
		.netdev = mlx5x_netdev_index(port->found.netdev),
	};
	int ret;

	ret = mlx5x_cm_listen(&at, port->found.rdma, &rx->listener);
	if (ret != 0)
		MLX5X_LOG(ERR, "%s: cannot listen for iWARP connections: %s%s",
			port->dev->data->name, strerror(-ret),
			ret == -ENODEV ? " (load the kernel module rdma_ucm)" :
			ret == -EXDEV ? " (the address belongs to another rdma device)" : "");
	rx->port = at.port;
	return ret;
}

int
mlx5x_iwarp_rx_create(struct mlx5x_pair *pair, struct mlx5x_iwarp_rx **out)
{
	struct mlx5x_iwarp_rx *rx = calloc(1, sizeof(*rx));
	int ret;

	if (rx == NULL)
		return -ENOMEM;
	pthread_mutex_init(&rx->lock, NULL);
	ret = mlx5x_verbs_create_cq(pair->port->ctx, MLX5X_GRANTS, NULL, &rx->grants.cq);
	if (ret == 0)
		ret = listen_at(rx, pair->port);
	if (ret != 0) {
		mlx5x_iwarp_rx_destroy(rx);
		return ret;
	}
	*out = rx;
	return 0;
}

/* The QP first, so that the end of the connection causes no CQEs. */
static void
disconnect(struct mlx5x_iwarp_rx *rx)
{
	mlx5x_verbs_destroy_qp(rx->qp);
	rx->qp = NULL;
	mlx5x_cm_disconnect(rx->id);
	rx->id = NULL;
}

void
mlx5x_iwarp_rx_destroy(struct mlx5x_iwarp_rx *rx)
{
	if (rx == NULL)
		return;
	disconnect(rx);
	mlx5x_cm_close(rx->listener);
	mlx5x_verbs_destroy_cq(rx->grants.cq);
	pthread_mutex_destroy(&rx->lock);
	free(rx);
}

static int
create_qp(struct mlx5x_iwarp_rx *rx, const struct mlx5x_pair *pair)
{
	struct ibv_qp_init_attr init = {
		.qp_type = IBV_QPT_RC,
		.send_cq = rx->grants.cq,
		.recv_cq = pair->rx_cq,
		.cap = {
			.max_send_wr = MLX5X_GRANTS,
			.max_send_sge = 1,
			.max_recv_wr = pair->rxq->room,
			.max_recv_sge = pair->rxq->nb_sge,
			.max_inline_data = sizeof(struct mlx5x_credit_word),
		},
	};

	return mlx5x_verbs_create_qp(pair->port->pd, &init, &rx->qp);
}

/* CQEs of the counts sent on the previous connection. */
static void
drop_completions(struct mlx5x_iwarp_rx *rx)
{
	struct ibv_wc wc;

	while (ibv_poll_cq(rx->grants.cq, 1, &wc) == 1)
		;
}

int
mlx5x_iwarp_rx_prepare(struct mlx5x_iwarp_rx *rx, struct mlx5x_pair *pair)
{
	int ret;

	pthread_mutex_lock(&rx->lock);
	disconnect(rx);
	drop_completions(rx);
	mlx5x_grants_reset(&rx->grants, pair->rxq->size);
	rx->psn = pair->psn;
	ret = create_qp(rx, pair);
	rx->grants.qp = rx->qp;
	pthread_mutex_unlock(&rx->lock);
	return ret;
}

/* Under the lock. */
static bool
is_expected(const struct mlx5x_iwarp_rx *rx, const struct mlx5x_iwarp_rx_request *request)
{
	return rx->qp != NULL && rx->id == NULL &&
		rte_be_to_cpu_32(request->psn) == rx->psn;
}

/* Under the lock. The answer tells the other end how many frames are granted. */
static void
accept_request(struct mlx5x_iwarp_rx *rx, struct rdma_cm_id *id,
	const struct mlx5x_iwarp_rx_request *request)
{
	struct mlx5x_iwarp_rx_answer answer;
	int ret;

	rx->grants.addr = rte_be_to_cpu_64(request->addr);
	rx->grants.rkey = rte_be_to_cpu_32(request->rkey);
	answer.granted = rte_cpu_to_be_32(mlx5x_grants_connect(&rx->grants));
	ret = mlx5x_cm_accept(id, rx->qp->qp_num, &answer, sizeof(answer));
	if (ret == 0)
		rx->id = id;
	else
		MLX5X_LOG(ERR, "cannot accept a connection at TCP port %u: %s", rx->port,
			strerror(-ret));
}

void
mlx5x_iwarp_rx_accept(struct mlx5x_iwarp_rx *rx)
{
	struct mlx5x_iwarp_rx_request request;
	struct rdma_cm_id *id;

	if (mlx5x_cm_next(rx->listener, &id, &request, sizeof(request)) != 0)
		return;
	pthread_mutex_lock(&rx->lock);
	if (is_expected(rx, &request))
		accept_request(rx, id, &request);
	else
		mlx5x_cm_refuse(id);
	pthread_mutex_unlock(&rx->lock);
}
