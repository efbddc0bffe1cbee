/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wire_iwarp.c - the wire of reliable connected QPs where the transport is iWARP, as siw has it. A pair
 * is two QPs: its outlet sends to the inlet of the other end, so that each QP belongs to one
 * queue, and a port can be joined to itself. A QP that met an error is of no use any more, so each
 * preparing makes new ones.
 */
#include <errno.h>
#include <stddef.h>

#include <rte_random.h>

#include "cable/peer.h"
#include "common/verbs.h"
#include "datapath/dp_verbs.h"
#include "iwarp/acceptor.h"
#include "iwarp/inlet.h"
#include "iwarp/outlet.h"
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
	mlx5x_inlet_destroy(pair->inlet);
	mlx5x_outlet_destroy(pair->outlet);
	pair->inlet = NULL;
	pair->outlet = NULL;
	pair->rx_qp = NULL;
	pair->qp = NULL;
}

static int
create(struct mlx5x_pair *pair)
{
	int ret = 0;

	if (pair->rxq != NULL)
		ret = mlx5x_inlet_create(pair, &pair->inlet);
	if (ret == 0 && pair->txq != NULL)
		ret = mlx5x_outlet_create(pair, &pair->outlet);
	if (ret != 0) {
		destroy(pair);
		return ret;
	}
	if (pair->inlet != NULL) {
		pair->qpn = pair->inlet->port;
		pair->rxq->grants = &pair->inlet->grants;
	}
	if (pair->outlet != NULL)
		pair->txq->credits = &pair->outlet->credits;
	return 0;
}

/*
 * What connects to the inlet has to know the number: nobody from before does. If one side cannot be
 * prepared, the other one is all the same: its last connection ends.
 */
static int
prepare(struct mlx5x_pair *pair, enum mlx5x_side sides)
{
	int rx = 0, tx = 0;

	pair->psn = rte_rand() & PSN_MASK;
	if (pair->inlet != NULL) {
		rx = mlx5x_inlet_prepare(pair->inlet, pair);
		pair->rx_qp = pair->inlet->qp;
	}
	if (pair->outlet != NULL) {
		tx = mlx5x_outlet_prepare(pair->outlet, pair);
		pair->qp = pair->outlet->qp;
	}
	return rx != 0 ? rx : tx;
}

/* The inlet is connected from the other end. One that has no inlet takes nothing. */
static int
reach(struct mlx5x_pair *pair, const struct mlx5x_remote *remote,
	const struct mlx5x_limit *limit)
{
	/* It could not be prepared. */
	if (pair->inlet != NULL && pair->inlet->qp == NULL)
		return -ENOTCONN;
	return pair->outlet == NULL || remote->qpn == 0 ? 0 :
		mlx5x_outlet_connect(pair->outlet, pair, remote, limit);
}

/* What is reached is connected. */
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
	.name = "iwarp",
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
