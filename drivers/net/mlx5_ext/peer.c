/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include <ethdev_driver.h>

#define LOG_ROOM "peer"
#include "cable.h"
#include "cable_tcp.h"
#include "compat.h"
#include "counter.h"
#include "link.h"
#include "log.h"
#include "peer.h"
#include "queue.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static TAILQ_HEAD(, mlx5x_port) ports = TAILQ_HEAD_INITIALIZER(ports);

void
mlx5x_peer_add(struct mlx5x_port *port)
{
	pthread_mutex_lock(&lock);
	TAILQ_INSERT_TAIL(&ports, port, next);
	pthread_mutex_unlock(&lock);
}

void
mlx5x_peer_remove(struct mlx5x_port *port)
{
	pthread_mutex_lock(&lock);
	TAILQ_REMOVE(&ports, port, next);
	pthread_mutex_unlock(&lock);
}

/* The other end is, or will be, another process. */
static bool
is_remote(const struct mlx5x_port *port)
{
	return port->devargs.peer_kind == MLX5X_PEER_LISTEN ||
		port->devargs.peer_kind == MLX5X_PEER_HOST;
}

static const struct rte_pci_addr *
address_of(const struct mlx5x_port *port)
{
	return &MLX5X_PCI_DEV(port->dev)->addr;
}

/* Under the lock. The other end of the cable if it is plugged in there too, else NULL. */
static struct mlx5x_port *
other_end(struct mlx5x_port *port)
{
	struct mlx5x_port *other;

	if (port->devargs.peer_kind == MLX5X_PEER_SELF)
		return port;
	TAILQ_FOREACH(other, &ports, next) {
		if (rte_pci_addr_cmp(address_of(other), &port->devargs.peer) != 0)
			continue;
		if (other->devargs.peer_kind != MLX5X_PEER_PORT ||
		    rte_pci_addr_cmp(address_of(port), &other->devargs.peer) != 0) {
			MLX5X_LOG(WARNING, "%s: its peer %s is not joined to it: give that one "
				"peer=%s too", port->dev->data->name, other->dev->data->name,
				port->dev->data->name);
			return NULL;
		}
		return other;
	}
	return NULL;
}

static int
check_fit(const struct mlx5x_port *port, const struct mlx5x_port *other)
{
	if (port->wire != other->wire) {
		MLX5X_LOG(ERR, "%s has wire=%s and its peer %s has wire=%s: give both the same, "
			"and devices of one transport", port->dev->data->name, port->wire->name, other->dev->data->name,
			other->wire->name);
		return -EINVAL;
	}
	if (port->nb_pairs == other->nb_pairs)
		return 0;
	MLX5X_LOG(ERR, "%s has %u queues and its peer %s has %u: the cable joins queue to queue, "
		"configure both with the same number", port->dev->data->name, port->nb_pairs,
		other->dev->data->name, other->nb_pairs);
	return -EINVAL;
}

/* What the QPs of the port have to know of pair i of the other end. */
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
connect_to(struct mlx5x_port *port, const struct mlx5x_port *other)
{
	struct mlx5x_remote remotes[MLX5X_PORT_PAIRS];
	uint16_t i;

	for (i = 0; i < port->nb_pairs; i++)
		remotes[i] = remote_of(port, other, i);
	return mlx5x_cable_connect(port, remotes, other->dev->data->mtu);
}

/* Under the lock. Neither sends before both receive. */
static int
join_ends(struct mlx5x_port *port, struct mlx5x_port *other)
{
	int ret;

	ret = check_fit(port, other);
	if (ret != 0)
		return ret;
	ret = connect_to(port, other);
	if (ret != 0) {
		/* On iWARP some of its pairs have been reached, and would take nobody else. */
		if (other != port)
			mlx5x_cable_cut(other);
		return ret;
	}
	if (other != port) {
		ret = connect_to(other, port);
		if (ret != 0) {
			mlx5x_cable_cut(port);
			return ret;
		}
		mlx5x_cable_open(other);
	}
	mlx5x_cable_open(port);
	return 0;
}

/*
 * Under the lock, which the other end wants before it closes: it waits then until it has been told of
 * its link.
 */
static void
hold_other(const struct mlx5x_port *port, struct mlx5x_port *other, struct mlx5x_holder *holder)
{
	*holder = (struct mlx5x_holder){0};
	if (other != NULL && other != port)
		mlx5x_hold_take(&other->hold, holder);
}

/* Not under the lock: the application is told of it. */
static void
tell_other(struct mlx5x_holder *holder)
{
	if (!mlx5x_hold_has(holder))
		return;
	mlx5x_link_changed(container_of(holder->hold, struct mlx5x_port, hold));
	mlx5x_hold_let_go(holder);
}

int
mlx5x_peer_up(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs)
{
	struct mlx5x_holder holder;
	struct mlx5x_port *other;
	int ret = 0;

	if (is_remote(port))
		return mlx5x_cable_tcp_up(port, pairs, nb_pairs);
	pthread_mutex_lock(&lock);
	mlx5x_pair_publish(port, pairs, nb_pairs);
	other = other_end(port);
	if (other != NULL && other->pairs != NULL && !mlx5x_flag_read(&other->dead))
		ret = join_ends(port, other);
	if (ret != 0)
		mlx5x_pair_publish(port, NULL, 0);
	hold_other(port, other, &holder);
	pthread_mutex_unlock(&lock);
	mlx5x_link_changed(port);
	tell_other(&holder);
	return ret;
}

void
mlx5x_peer_down(struct mlx5x_port *port)
{
	struct mlx5x_port *other = NULL;
	struct mlx5x_holder holder;

	if (is_remote(port)) {
		mlx5x_cable_tcp_down(port);
		return;
	}
	pthread_mutex_lock(&lock);
	if (port->joined) {
		mlx5x_cable_leave(port);
		other = other_end(port);
	}
	if (other != NULL && other != port)
		mlx5x_cable_cut(other);
	mlx5x_pair_publish(port, NULL, 0);
	hold_other(port, other, &holder);
	pthread_mutex_unlock(&lock);
	tell_other(&holder);
}

/* Under the lock. Both are reset before either is connected: their packets have new numbers then. */
static int
recover_ends(struct mlx5x_port *port, struct mlx5x_port *other, uint16_t i)
{
	struct mlx5x_remote remote;
	int ret;

	ret = mlx5x_cable_reset_pair(port, i);
	if (ret == 0 && other != port)
		ret = mlx5x_cable_reset_pair(other, i);
	if (ret != 0)
		return ret;
	remote = remote_of(port, other, i);
	ret = mlx5x_cable_connect_pair(port, i, &remote, other->dev->data->mtu);
	if (ret == 0 && other != port) {
		remote = remote_of(other, port, i);
		ret = mlx5x_cable_connect_pair(other, i, &remote, port->dev->data->mtu);
	}
	if (ret != 0)
		return ret;
	if (other != port)
		mlx5x_cable_open_pair(other, i);
	mlx5x_cable_open_pair(port, i);
	return 0;
}

int
mlx5x_peer_recover(struct mlx5x_port *port, uint16_t index)
{
	struct mlx5x_port *other;
	int ret = 0;

	if (is_remote(port)) {
		mlx5x_cable_tcp_recover(port, index);
		return 0;
	}
	if (pthread_mutex_trylock(&lock) != 0)
		return 0;
	other = port->joined ? other_end(port) : NULL;
	/* The other queue of the pair, or the other end, may have done it already. */
	if (other != NULL && index < port->nb_pairs && mlx5x_cable_is_failed(port, index))
		ret = recover_ends(port, other, index);
	pthread_mutex_unlock(&lock);
	return ret;
}
