/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include <ethdev_driver.h>

#define LOG_COMPONENT "cable"
#include "cable/cable.h"
#include "common/counter.h"
#include "common/limit.h"
#include "common/log.h"
#include "queue/pair.h"

/* Milliseconds for which the other end's address is awaited, and between two attempts. */
#define ADDRESS_MS 5000
#define ADDRESS_STEP_MS 20

/*
 * A QP's transition resolves the other end's GID in the kernel. On a netdev that has just come up
 * that fails: first there is no route to link-local addresses, then no answer to the request for a
 * neighbour, which the kernel does not send before its own address is known to be unique (1 s by
 * default).
 * With the result of an attempt to connect: waits, and returns true, if there is to be another one
 * before `until`.
 */
static bool
waits_for_address(int *ret, uint64_t until, const struct mlx5x_limit *limit)
{
	struct mlx5x_limit step = {
		.deadline = mlx5x_limit_now() + ADDRESS_STEP_MS,
		.wake = limit->wake,
	};

	if (*ret != -ENETUNREACH && *ret != -ETIMEDOUT)
		return false;
	if (step.deadline > RTE_MIN(until, limit->deadline))
		return false;
	if (mlx5x_limit_pause(&step) == -ETIMEDOUT)
		return true;
	*ret = -ECANCELED;
	return false;
}

static int
reach_all(struct mlx5x_port *port, const struct mlx5x_remote *remotes,
	const struct mlx5x_limit *limit)
{
	uint16_t i;
	int ret = 0;

	for (i = 0; i < port->nb_joined && ret == 0; i++)
		ret = mlx5x_pair_reach(&port->pairs[i], &remotes[i], limit);
	return ret;
}

static int
connect_all(struct mlx5x_port *port, const struct mlx5x_remote *remotes, uint16_t mtu,
	const struct mlx5x_limit *limit)
{
	uint32_t max_frame = mtu + MLX5X_FRAME_OVERHEAD;
	uint16_t i;
	int ret;

	ret = reach_all(port, remotes, limit);
	pthread_mutex_lock(&port->lock);
	for (i = 0; i < port->nb_joined && ret == 0; i++)
		ret = mlx5x_pair_connect(&port->pairs[i], &remotes[i], max_frame);
	/* All of them: the other end may have reached pairs that this end has not. */
	for (i = 0; ret != 0 && i < port->nb_joined; i++)
		mlx5x_pair_disconnect(&port->pairs[i]);
	pthread_mutex_unlock(&port->lock);
	return ret;
}

int
mlx5x_cable_connect(struct mlx5x_port *port, const struct mlx5x_remote *remotes, uint16_t mtu,
	const struct mlx5x_limit *limit)
{
	uint64_t until = mlx5x_limit_now() + ADDRESS_MS;
	int ret;

	do {
		ret = connect_all(port, remotes, mtu, limit);
	} while (waits_for_address(&ret, until, limit));
	return ret;
}

void
mlx5x_cable_open(struct mlx5x_port *port)
{
	uint16_t i;

	pthread_mutex_lock(&port->lock);
	for (i = 0; i < port->nb_joined; i++)
		mlx5x_pair_open(&port->pairs[i]);
	pthread_mutex_unlock(&port->lock);
	mlx5x_port_set_joined(port, true);
}

void
mlx5x_cable_cut(struct mlx5x_port *port)
{
	int ret, failed = 0;
	uint16_t i;

	mlx5x_port_set_joined(port, false);
	pthread_mutex_lock(&port->lock);
	for (i = 0; i < port->nb_joined; i++) {
		ret = mlx5x_pair_disconnect(&port->pairs[i]);
		if (ret != 0)
			failed = ret;
	}
	pthread_mutex_unlock(&port->lock);
	if (failed != 0)
		MLX5X_LOG(ERR, "%s: a queue cannot be reset (%s): stop and start the port",
			port->dev->data->name, strerror(-failed));
}

int
mlx5x_cable_reset_pair(struct mlx5x_port *port, uint16_t index)
{
	int ret;

	pthread_mutex_lock(&port->lock);
	ret = mlx5x_pair_reset(&port->pairs[index]);
	pthread_mutex_unlock(&port->lock);
	return ret;
}

static int
connect_pair(struct mlx5x_port *port, uint16_t index, const struct mlx5x_remote *remote,
	uint16_t mtu, const struct mlx5x_limit *limit)
{
	struct mlx5x_pair *pair = &port->pairs[index];
	int ret;

	ret = mlx5x_pair_reach(pair, remote, limit);
	if (ret != 0)
		return ret;
	pthread_mutex_lock(&port->lock);
	ret = mlx5x_pair_connect(pair, remote, mtu + MLX5X_FRAME_OVERHEAD);
	if (ret != 0)
		mlx5x_pair_disconnect(pair);
	pthread_mutex_unlock(&port->lock);
	return ret;
}

int
mlx5x_cable_connect_pair(struct mlx5x_port *port, uint16_t index,
	const struct mlx5x_remote *remote, uint16_t mtu, const struct mlx5x_limit *limit)
{
	uint64_t until = mlx5x_limit_now() + ADDRESS_MS;
	int ret;

	do {
		ret = connect_pair(port, index, remote, mtu, limit);
	} while (waits_for_address(&ret, until, limit));
	return ret;
}

void
mlx5x_cable_cut_pair(struct mlx5x_port *port, uint16_t index)
{
	pthread_mutex_lock(&port->lock);
	mlx5x_pair_disconnect(&port->pairs[index]);
	pthread_mutex_unlock(&port->lock);
}

void
mlx5x_cable_open_pair(struct mlx5x_port *port, uint16_t index)
{
	pthread_mutex_lock(&port->lock);
	mlx5x_pair_open(&port->pairs[index]);
	pthread_mutex_unlock(&port->lock);
}

bool
mlx5x_cable_is_failed(struct mlx5x_port *port, uint16_t index)
{
	const struct mlx5x_pair *pair = &port->pairs[index];
	bool failed;

	pthread_mutex_lock(&port->lock);
	failed = pair->state == MLX5X_PAIR_RUNNING && mlx5x_pair_is_failed(pair);
	pthread_mutex_unlock(&port->lock);
	return failed;
}

void
mlx5x_cable_leave(struct mlx5x_port *port)
{
	mlx5x_port_set_joined(port, false);
}
