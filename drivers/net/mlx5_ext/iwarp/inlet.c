/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <ethdev_driver.h>

#define LOG_ROOM "inlet"
#include "common/log.h"
#include "common/verbs.h"
#include "device/netdev.h"
#include "iwarp/cm.h"
#include "iwarp/inlet.h"
#include "queue/pair.h"
#include "queue/rxq.h"

static int
listen_at(struct mlx5x_inlet *inlet, const struct mlx5x_port *port)
{
	struct mlx5x_cm_address at = {
		.ip = port->caps.gid,
		.netdev = mlx5x_netdev_index(port->found.netdev),
	};
	int ret;

	ret = mlx5x_cm_listen(&at, port->found.rdma, &inlet->listener);
	if (ret != 0)
		MLX5X_LOG(ERR, "%s: cannot listen for connections of iWARP: %s%s",
			port->dev->data->name, strerror(-ret),
			ret == -ENODEV ? " (is the kernel's module rdma_ucm loaded?)" :
			ret == -EXDEV ? " (another rdma device has the address of the netdev)" : "");
	inlet->port = at.port;
	return ret;
}

int
mlx5x_inlet_create(struct mlx5x_pair *pair, struct mlx5x_inlet **out)
{
	struct mlx5x_inlet *inlet = calloc(1, sizeof(*inlet));
	int ret;

	if (inlet == NULL)
		return -ENOMEM;
	pthread_mutex_init(&inlet->lock, NULL);
	ret = mlx5x_verbs_create_cq(pair->port->ctx, MLX5X_GRANTS, NULL, &inlet->grants.cq);
	if (ret == 0)
		ret = listen_at(inlet, pair->port);
	if (ret != 0) {
		mlx5x_inlet_destroy(inlet);
		return ret;
	}
	*out = inlet;
	return 0;
}

/* The QP before the connection: what comes with the connection's end is then nobody's. */
static void
disconnect(struct mlx5x_inlet *inlet)
{
	mlx5x_verbs_destroy_qp(inlet->qp);
	inlet->qp = NULL;
	mlx5x_cm_leave(inlet->id);
	inlet->id = NULL;
}

void
mlx5x_inlet_destroy(struct mlx5x_inlet *inlet)
{
	if (inlet == NULL)
		return;
	disconnect(inlet);
	mlx5x_cm_close(inlet->listener);
	mlx5x_verbs_destroy_cq(inlet->grants.cq);
	pthread_mutex_destroy(&inlet->lock);
	free(inlet);
}

static int
create_qp(struct mlx5x_inlet *inlet, const struct mlx5x_pair *pair)
{
	struct ibv_qp_init_attr init = {
		.qp_type = IBV_QPT_RC,
		.send_cq = inlet->grants.cq,
		.recv_cq = pair->rx_cq,
		.cap = {
			.max_send_wr = MLX5X_GRANTS,
			.max_send_sge = 1,
			.max_recv_wr = pair->rxq->size,
			.max_recv_sge = pair->rxq->nb_sge,
			.max_inline_data = sizeof(struct mlx5x_credit_word),
		},
	};

	return mlx5x_verbs_create_qp(pair->port->pd, &init, &inlet->qp);
}

/* Counts of a connection that is no more. */
static void
drop_completions(struct mlx5x_inlet *inlet)
{
	struct ibv_wc wc;

	while (ibv_poll_cq(inlet->grants.cq, 1, &wc) == 1)
		;
}

int
mlx5x_inlet_prepare(struct mlx5x_inlet *inlet, struct mlx5x_pair *pair)
{
	int ret;

	pthread_mutex_lock(&inlet->lock);
	disconnect(inlet);
	drop_completions(inlet);
	mlx5x_grants_reset(&inlet->grants, pair->rxq->size);
	inlet->psn = pair->psn;
	ret = create_qp(inlet, pair);
	inlet->grants.qp = inlet->qp;
	pthread_mutex_unlock(&inlet->lock);
	return ret;
}

/* Under the lock. */
static bool
is_expected(const struct mlx5x_inlet *inlet, const struct mlx5x_inlet_request *request)
{
	return inlet->qp != NULL && inlet->id == NULL &&
		rte_be_to_cpu_32(request->psn) == inlet->psn;
}

/* Under the lock. What was granted counts only when the other end knows of it, as it does now. */
static void
let_in(struct mlx5x_inlet *inlet, struct rdma_cm_id *id, const struct mlx5x_inlet_request *request)
{
	struct mlx5x_inlet_answer answer;
	int ret;

	inlet->grants.addr = rte_be_to_cpu_64(request->addr);
	inlet->grants.rkey = rte_be_to_cpu_32(request->rkey);
	answer.granted = rte_cpu_to_be_32(mlx5x_grants_connect(&inlet->grants));
	ret = mlx5x_cm_accept(id, inlet->qp->qp_num, &answer, sizeof(answer));
	if (ret == 0)
		inlet->id = id;
	else
		MLX5X_LOG(ERR, "cannot accept a connection at TCP port %u: %s", inlet->port,
			strerror(-ret));
}

void
mlx5x_inlet_admit(struct mlx5x_inlet *inlet)
{
	struct mlx5x_inlet_request request;
	struct rdma_cm_id *id;

	if (mlx5x_cm_next(inlet->listener, &id, &request, sizeof(request)) != 0)
		return;
	pthread_mutex_lock(&inlet->lock);
	if (is_expected(inlet, &request))
		let_in(inlet, id, &request);
	else
		mlx5x_cm_refuse(id);
	pthread_mutex_unlock(&inlet->lock);
}
