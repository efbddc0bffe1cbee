/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ethdev_driver.h>

#define LOG_COMPONENT "iwarp_tx"
#include "common/log.h"
#include "common/verbs.h"
#include "device/netdev.h"
#include "iwarp/cm.h"
#include "iwarp/iwarp_rx.h"
#include "iwarp/iwarp_tx.h"
#include "queue/pair.h"
#include "queue/txq.h"

int
mlx5x_iwarp_tx_create(struct mlx5x_pair *pair, struct mlx5x_iwarp_tx **out)
{
	struct mlx5x_iwarp_tx *tx = calloc(1, sizeof(*tx));
	size_t page = sysconf(_SC_PAGESIZE);
	int ret = -ENOMEM;

	if (tx == NULL)
		return -ENOMEM;
	/*
	 * A page of its own: ibv_fork_init() may exclude registered pages from children (verbs.c).
	 */
	tx->credits.word = aligned_alloc(page, page);
	if (tx->credits.word != NULL)
		ret = mlx5x_verbs_reg_word(pair->port->pd, tx->credits.word,
			sizeof(*tx->credits.word), &tx->mr);
	if (ret != 0) {
		mlx5x_iwarp_tx_destroy(tx);
		return ret;
	}
	*out = tx;
	return 0;
}

static void
disconnect(struct mlx5x_iwarp_tx *tx)
{
	mlx5x_verbs_destroy_qp(tx->qp);
	tx->qp = NULL;
	mlx5x_cm_close(tx->id);
	tx->id = NULL;
}

void
mlx5x_iwarp_tx_destroy(struct mlx5x_iwarp_tx *tx)
{
	if (tx == NULL)
		return;
	disconnect(tx);
	mlx5x_verbs_dereg_mr(tx->mr);
	free(tx->credits.word);
	free(tx);
}

int
mlx5x_iwarp_tx_prepare(struct mlx5x_iwarp_tx *tx, struct mlx5x_pair *pair)
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

	disconnect(tx);
	/* No credits before the connection. */
	mlx5x_credits_start(&tx->credits, pair->txq->head, 0);
	return mlx5x_verbs_create_qp(pair->port->pd, &init, &tx->qp);
}

int
mlx5x_iwarp_tx_connect(struct mlx5x_iwarp_tx *tx, struct mlx5x_pair *pair,
	const struct mlx5x_remote *remote, const struct mlx5x_limit *limit)
{
	const struct mlx5x_port *port = pair->port;
	const unsigned int netdev = mlx5x_netdev_index(port->found.netdev);
	const struct mlx5x_cm_address from = {.ip = port->caps.gid, .netdev = netdev};
	const struct mlx5x_cm_address to = {
		.ip = remote->gid, .netdev = netdev, .port = remote->qpn};
	const struct mlx5x_iwarp_rx_request request = {
		.psn = rte_cpu_to_be_32(remote->psn),
		.rkey = rte_cpu_to_be_32(tx->mr->rkey),
		.addr = rte_cpu_to_be_64((uintptr_t)tx->credits.word),
	};
	struct mlx5x_iwarp_rx_answer answer;
	const struct mlx5x_cm_private_data private_data = {
		&request, sizeof(request), &answer, sizeof(answer),
	};
	int ret;

	/* prepare has failed. */
	if (tx->qp == NULL)
		return -ENOTCONN;
	ret = mlx5x_cm_connect(&from, &to, tx->qp->qp_num, &private_data, limit, &tx->id);
	if (ret == 0)
		mlx5x_credits_start(&tx->credits, pair->txq->head,
			rte_be_to_cpu_32(answer.granted));
	else if (ret != -ECANCELED)
		MLX5X_LOG(ERR, "%s: Tx queue %u: cannot connect to TCP port %u of the peer: %s",
			port->dev->data->name, pair->txq->index, remote->qpn, strerror(-ret));
	return ret;
}
