/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include <ethdev_driver.h>

#define LOG_COMPONENT "peer"
#include "cable/cable.h"
#include "cable/ends.h"
#include "common/log.h"
#include "queue/fold.h"
#include "queue/pair.h"

static int
check_fit(const struct mlx5x_port *port, const struct mlx5x_port *other)
{
	const struct rte_eth_dev_data *here = port->dev->data, *there = other->dev->data;
	const char *name = here->name, *peer = there->name;

	if (port->wire->iwarp != other->wire->iwarp)
		MLX5X_LOG(ERR, "%s is a device of %s and its peer %s one of %s: join devices of "
			"one transport", name, mlx5x_ends_transport(port->wire->iwarp), peer,
			mlx5x_ends_transport(other->wire->iwarp));
	else if (port->wire != other->wire)
		MLX5X_LOG(ERR, "%s has wire=%s and its peer %s has wire=%s: give both the same "
			"wire=", name, mlx5x_wire_devarg(port->wire), peer,
			mlx5x_wire_devarg(other->wire));
	else if (!mlx5x_ends_receive(here->nb_rx_queues, here->nb_tx_queues,
			there->nb_rx_queues, there->nb_tx_queues))
		MLX5X_LOG(ERR, "%s has %u Rx and %u Tx queues and its peer %s has %u and %u: "
			"what one sends needs an Rx queue of the other", name, here->nb_rx_queues,
			here->nb_tx_queues, peer, there->nb_rx_queues, there->nb_tx_queues);
	else
		return 0;
	return -EINVAL;
}

/* The address of pair i of the other end. */
static struct mlx5x_remote
remote_of(const struct mlx5x_port *port, const struct mlx5x_port *other, uint16_t i)
{
	return (struct mlx5x_remote){
		.qpn = other->pairs[i].qpn,
		.psn = other->pairs[i].psn,
		.lid = other->caps.lid,
		.gid = other->caps.gid,
		.path_mtu = RTE_MIN(port->caps.path_mtu, other->caps.path_mtu),
	};
}

static int
connect_to(struct mlx5x_port *port, const struct mlx5x_port *other,
	const struct mlx5x_limit *limit)
{
	struct mlx5x_remote remotes[MLX5X_PORT_PAIRS];
	uint16_t i;
	int ret;

	for (i = 0; i < port->nb_joined; i++)
		remotes[i] = remote_of(port, other, i);
	ret = mlx5x_cable_connect(port, remotes, other->dev->data->mtu, limit);
	/* A stop of either end is no error. */
	if (ret != 0 && ret != -ECANCELED)
		MLX5X_LOG(ERR, "%s: cannot connect the queue pairs to those of %s: %s",
			port->dev->data->name, other->dev->data->name, strerror(-ret));
	return ret;
}

/* Both before either is connected, as it needs the addresses of all pairs. */
static int
fold(struct mlx5x_port *port, struct mlx5x_port *other)
{
	int ret;

	ret = mlx5x_fold(port, other->dev->data->nb_tx_queues);
	if (ret == 0 && other != port)
		ret = mlx5x_fold(other, port->dev->data->nb_tx_queues);
	if (ret == 0)
		return 0;
	MLX5X_LOG(ERR, "%s and %s: cannot create the queue pairs for each other's Tx queues: %s",
		port->dev->data->name, other->dev->data->name, strerror(-ret));
	mlx5x_cable_cut(port);
	return ret;
}

int
mlx5x_ends_join(struct mlx5x_port *port, struct mlx5x_port *other,
	const struct mlx5x_limit *limit)
{
	int ret;

	ret = check_fit(port, other);
	if (ret != 0)
		return ret;
	ret = fold(port, other);
	if (ret == 0)
		ret = connect_to(port, other, limit);
	if (ret != 0) {
		/* On iWARP some of its pairs may be connected, and would reject other requests. */
		if (other != port)
			mlx5x_cable_cut(other);
		return ret;
	}
	if (other != port) {
		ret = connect_to(other, port, limit);
		if (ret != 0) {
			mlx5x_cable_cut(port);
			return ret;
		}
		mlx5x_cable_open(other);
	}
	mlx5x_cable_open(port);
	return 0;
}

static int
recover(struct mlx5x_port *port, struct mlx5x_port *other, uint16_t i,
	const struct mlx5x_limit *limit)
{
	struct mlx5x_remote remote;
	int ret;

	ret = mlx5x_cable_reset_pair(port, i);
	if (ret == 0 && other != port)
		ret = mlx5x_cable_reset_pair(other, i);
	if (ret != 0)
		return ret;
	remote = remote_of(port, other, i);
	ret = mlx5x_cable_connect_pair(port, i, &remote, other->dev->data->mtu, limit);
	if (ret == 0 && other != port) {
		remote = remote_of(other, port, i);
		ret = mlx5x_cable_connect_pair(other, i, &remote, port->dev->data->mtu, limit);
	}
	if (ret != 0)
		return ret;
	if (other != port)
		mlx5x_cable_open_pair(other, i);
	mlx5x_cable_open_pair(port, i);
	return 0;
}

int
mlx5x_ends_recover(struct mlx5x_port *port, struct mlx5x_port *other, uint16_t index,
	const struct mlx5x_limit *limit)
{
	int ret;

	ret = recover(port, other, index, limit);
	if (ret == 0)
		return 0;
	mlx5x_cable_cut_pair(port, index);
	if (other != port)
		mlx5x_cable_cut_pair(other, index);
	return ret;
}
