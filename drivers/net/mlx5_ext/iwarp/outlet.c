/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ethdev_driver.h>

#define LOG_ROOM "outlet"
#include "common/log.h"
#include "common/verbs.h"
#include "device/netdev.h"
#include "iwarp/cm.h"
#include "iwarp/inlet.h"
#include "iwarp/outlet.h"
#include "queue/pair.h"
#include "queue/txq.h"

int
mlx5x_outlet_create(struct mlx5x_pair *pair, struct mlx5x_outlet **out)
{
	struct mlx5x_outlet *outlet = calloc(1, sizeof(*outlet));
	size_t page = sysconf(_SC_PAGESIZE);
	int ret = -ENOMEM;

	if (outlet == NULL)
		return -ENOMEM;
	/* A page of its own, as libibverbs may keep it from children of the process: verbs.c. */
	outlet->credits.word = aligned_alloc(page, page);
	if (outlet->credits.word != NULL)
		ret = mlx5x_verbs_reg_word(pair->port->pd, outlet->credits.word,
			sizeof(*outlet->credits.word), &outlet->mr);
	if (ret != 0) {
		mlx5x_outlet_destroy(outlet);
		return ret;
	}
	*out = outlet;
	return 0;
}

static void
disconnect(struct mlx5x_outlet *outlet)
{
	mlx5x_verbs_destroy_qp(outlet->qp);
	outlet->qp = NULL;
	mlx5x_cm_close(outlet->id);
	outlet->id = NULL;
}

void
mlx5x_outlet_destroy(struct mlx5x_outlet *outlet)
{
	if (outlet == NULL)
		return;
	disconnect(outlet);
	mlx5x_verbs_dereg_mr(outlet->mr);
	free(outlet->credits.word);
	free(outlet);
}

int
mlx5x_outlet_prepare(struct mlx5x_outlet *outlet, struct mlx5x_pair *pair)
{
	struct ibv_qp_init_attr init = {
		.qp_type = IBV_QPT_RC,
		.send_cq = pair->tx_cq,
		.recv_cq = pair->tx_cq,
		.cap = {
			.max_send_wr = pair->txq->size,
			.max_send_sge = pair->txq->max_sge,
			.max_recv_wr = 1,
			.max_recv_sge = 1,
		},
	};

	disconnect(outlet);
	/* Nothing may be sent before there is somebody to say how much. */
	mlx5x_credits_start(&outlet->credits, pair->txq->head, 0);
	return mlx5x_verbs_create_qp(pair->port->pd, &init, &outlet->qp);
}

int
mlx5x_outlet_connect(struct mlx5x_outlet *outlet, struct mlx5x_pair *pair,
	const struct mlx5x_remote *remote, const struct mlx5x_limit *limit)
{
	const struct mlx5x_port *port = pair->port;
	const unsigned int netdev = mlx5x_netdev_index(port->found.netdev);
	const struct mlx5x_cm_address from = {.ip = port->caps.gid, .netdev = netdev};
	const struct mlx5x_cm_address to = {.ip = remote->gid, .netdev = netdev, .port = remote->qpn};
	const struct mlx5x_inlet_request request = {
		.psn = rte_cpu_to_be_32(remote->psn),
		.rkey = rte_cpu_to_be_32(outlet->mr->rkey),
		.addr = rte_cpu_to_be_64((uintptr_t)outlet->credits.word),
	};
	struct mlx5x_inlet_answer answer;
	const struct mlx5x_cm_greeting greeting = {&request, sizeof(request), &answer, sizeof(answer)};
	int ret;

	/* It could not be prepared. */
	if (outlet->qp == NULL)
		return -ENOTCONN;
	ret = mlx5x_cm_connect(&from, &to, outlet->qp->qp_num, &greeting, limit, &outlet->id);
	if (ret == 0)
		mlx5x_credits_start(&outlet->credits, pair->txq->head, rte_be_to_cpu_32(answer.granted));
	else if (ret != -ECANCELED)
		MLX5X_LOG(ERR, "%s: queue %u: cannot connect to TCP port %u of the other end: %s",
			port->dev->data->name, pair->txq->index, remote->qpn, strerror(-ret));
	return ret;
}
