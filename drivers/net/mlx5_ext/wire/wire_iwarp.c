/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wire_iwarp.c - the wire of reliable connected QPs of the iWARP transport (siw). A pair has two
 * QPs: its iwarp_tx sends to the iwarp_rx of the other end, so that each QP belongs to one queue,
 * and a port can be connected to itself. A QP cannot leave the error state, so each prepare creates
 * new ones.
 */
#include <errno.h>
#include <stddef.h>

#include <rte_random.h>

#include "cable/peer.h"
#include "common/verbs.h"
#include "datapath/dp_verbs.h"
#include "iwarp/acceptor.h"
#include "iwarp/iwarp_rx.h"
#include "iwarp/iwarp_tx.h"
#include "queue/pair.h"
#include "queue/rxq.h"
#include "queue/txq.h"
#include "wire/stall.h"
#include "wire/wires.h"

#define PSN_MASK 0xffffff

static const char *
check(const struct mlx5x_port *port)
{
	return port->caps.has_gid ? NULL :
		"no link-local IPv6 address, and none of IPv4 (is the netdev up?)";
}

static void
destroy(struct mlx5x_pair *pair)
{
	mlx5x_iwarp_rx_destroy(pair->iwarp_rx);
	mlx5x_iwarp_tx_destroy(pair->iwarp_tx);
	pair->iwarp_rx = NULL;
	pair->iwarp_tx = NULL;
	pair->rx_qp = NULL;
	pair->qp = NULL;
}

static int
create(struct mlx5x_pair *pair)
{
	int ret = 0;

	if (pair->rxq != NULL)
		ret = mlx5x_iwarp_rx_create(pair, &pair->iwarp_rx);
	if (ret == 0 && pair->txq != NULL)
		ret = mlx5x_iwarp_tx_create(pair, &pair->iwarp_tx);
	if (ret != 0) {
		destroy(pair);
		return ret;
	}
	if (pair->iwarp_rx != NULL) {
		pair->qpn = pair->iwarp_rx->port;
		pair->rxq->grants = &pair->iwarp_rx->grants;
	}
	if (pair->iwarp_tx != NULL)
		pair->txq->credits = &pair->iwarp_tx->credits;
	return 0;
}

/*
 * A connect request must carry the PSN, so that one of an earlier attempt is rejected. If one side
 * fails, the other is prepared all the same, to end its connection.
 */
static int
prepare(struct mlx5x_pair *pair, enum mlx5x_side sides)
{
	int rx = 0, tx = 0;

	pair->psn = rte_rand() & PSN_MASK;
	if (pair->iwarp_rx != NULL) {
		rx = mlx5x_iwarp_rx_prepare(pair->iwarp_rx, pair);
		pair->rx_qp = pair->iwarp_rx->qp;
	}
	if (pair->iwarp_tx != NULL) {
		tx = mlx5x_iwarp_tx_prepare(pair->iwarp_tx, pair);
		pair->qp = pair->iwarp_tx->qp;
	}
	/* One that is created while the port is up stays until the acceptor is stopped. */
	if (rx == 0 && tx == 0 && pair->iwarp_rx != NULL && pair->port->acceptor != NULL)
		mlx5x_acceptor_add(pair->port->acceptor, pair->iwarp_rx);
	return rx != 0 ? rx : tx;
}

/* Active side alone: the other end connects to iwarp_rx. A pair without one receives nothing. */
static int
reach(struct mlx5x_pair *pair, const struct mlx5x_remote *remote,
	const struct mlx5x_limit *limit)
{
	/* prepare has failed. */
	if (pair->iwarp_rx != NULL && pair->iwarp_rx->qp == NULL)
		return -ENOTCONN;
	return pair->iwarp_tx == NULL || remote->qpn == 0 ? 0 :
		mlx5x_iwarp_tx_connect(pair->iwarp_tx, pair, remote, limit);
}

/* reach has connected it. */
static int
connect_pair(struct mlx5x_pair *pair, const struct mlx5x_remote *remote, enum mlx5x_side sides)
{
	return 0;
}

static void
down(struct mlx5x_port *port)
{
	mlx5x_stall_stop(port);
	mlx5x_peer_down(port);
	mlx5x_acceptor_stop(port);
}

static int
up(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs)
{
	int ret;

	ret = mlx5x_acceptor_start(port, pairs, nb_pairs);
	if (ret != 0)
		return ret;
	ret = mlx5x_peer_up(port, pairs, nb_pairs);
	if (ret != 0) {
		mlx5x_acceptor_stop(port);
		return ret;
	}
	ret = mlx5x_stall_start(port);
	if (ret != 0)
		down(port);
	return ret;
}

const struct mlx5x_wire mlx5x_wire_iwarp = {
	.name = MLX5X_WIRE_IWARP,
	.iwarp = true,
	.dp = &mlx5x_dp_verbs_credit,
	.cable = true,
	.mutual = true,
	.check = check,
	.create_cq = mlx5x_verbs_create_cq,
	.create = create,
	.destroy = destroy,
	.prepare = prepare,
	.reach = reach,
	.connect = connect_pair,
	.recover = mlx5x_peer_recover,
	.up = up,
	.down = down,
};
