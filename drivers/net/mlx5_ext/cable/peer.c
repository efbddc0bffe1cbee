/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <bsd/string.h>
#include <ethdev_driver.h>

#define LOG_COMPONENT "peer"
#include "cable/cable.h"
#include "cable/cable_tcp.h"
#include "cable/ends.h"
#include "cable/mender.h"
#include "cable/peer.h"
#include "cable/wanted.h"
#include "common/compat.h"
#include "common/counter.h"
#include "common/limit.h"
#include "common/log.h"
#include "queue/link.h"
#include "queue/pair.h"

/* A port that is up, between its start and its stop. */
struct mlx5x_plug {
	int wake;		/* an eventfd: ends the waits of this port as owner of the cable */
	bool leaving;		/* the port stops */
	struct mlx5x_mender *mender;	/* or NULL: one end recovers alone */
};

/*
 * No thread sleeps under the lock. To work on a cable a thread engages all its ends that are up, by
 * setting their worker; other threads wait for `changed`.
 */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
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

/* Under the lock. The port at the address of peer=, whatever its own peer= is; or NULL. */
static struct mlx5x_port *
find_peer(const struct mlx5x_port *port)
{
	struct mlx5x_port *other;

	TAILQ_FOREACH(other, &ports, next)
		if (rte_pci_addr_cmp(address_of(other), &port->devargs.peer) == 0)
			return other;
	return NULL;
}

static bool
is_joined_back(const struct mlx5x_port *port, const struct mlx5x_port *other)
{
	return other->devargs.peer_kind == MLX5X_PEER_PORT &&
		rte_pci_addr_cmp(address_of(port), &other->devargs.peer) == 0;
}

/* Under the lock. The other end of the cable if its peer= is this port, else NULL. */
static struct mlx5x_port *
other_end(struct mlx5x_port *port)
{
	struct mlx5x_port *other;

	if (port->devargs.peer_kind == MLX5X_PEER_SELF)
		return port;
	other = find_peer(port);
	return other != NULL && is_joined_back(port, other) ? other : NULL;
}

/* One-sided peer= arguments are a mistake without any other symptom than a missing link. */
static void
warn_one_sided(const struct mlx5x_port *port)
{
	char name[sizeof(port->dev->data->name)] = "";
	const struct mlx5x_port *other;

	if (port->devargs.peer_kind != MLX5X_PEER_PORT)
		return;
	pthread_mutex_lock(&lock);
	other = find_peer(port);
	if (other != NULL && !is_joined_back(port, other))
		strlcpy(name, other->dev->data->name, sizeof(name));
	pthread_mutex_unlock(&lock);
	if (name[0] != '\0')
		MLX5X_LOG(WARNING, "%s: no link: peer %s has another peer=: give it peer=%s",
			port->dev->data->name, name, port->dev->data->name);
}

/* Under the lock: up, and not stopping. */
static bool
is_up(const struct mlx5x_port *port)
{
	return port->plug != NULL && !port->plug->leaving;
}

/* Under the lock. NULL: it is not up. */
static struct mlx5x_port *
other_that_is_up(struct mlx5x_port *port)
{
	struct mlx5x_port *other = other_end(port);

	return other != NULL && is_up(other) ? other : NULL;
}

/* Under the lock. A thread works on the cable. */
static bool
is_busy(struct mlx5x_port *port)
{
	const struct mlx5x_port *other = other_end(port);

	return port->worker != NULL || (other != NULL && other->worker != NULL);
}

/* Under the lock, if the cable is not busy. The port, which is up, becomes its owner. */
static void
engage(struct mlx5x_port *port, struct mlx5x_port *other)
{
	port->worker = port->plug;
	if (other != NULL)
		other->worker = port->plug;
}

/* Under the lock. Clears a wake-up that came too late, or for both ends. */
static void
disengage(struct mlx5x_port *port, struct mlx5x_port *other)
{
	eventfd_t ignored;

	eventfd_read(port->plug->wake, &ignored);
	port->worker = NULL;
	if (other != NULL)
		other->worker = NULL;
	pthread_cond_broadcast(&changed);
}

/* Under the lock. Ends the wait of the thread that works on the port's cable. */
static void
wake_worker(const struct mlx5x_port *port)
{
	if (port->worker != NULL)
		eventfd_write(port->worker->wake, 1);
	pthread_cond_broadcast(&changed);
}

static struct mlx5x_limit
limit_of(const struct mlx5x_port *port)
{
	return (struct mlx5x_limit){
		.deadline = mlx5x_limit_now() + MLX5X_CABLE_CONNECT_MS,
		.wake = port->plug->wake,
	};
}

/* Engages both ends of a connected port. NULL: not connected, or one of its ends stops. */
static struct mlx5x_port *
engage_joined(struct mlx5x_port *port)
{
	struct mlx5x_port *other = NULL;

	pthread_mutex_lock(&lock);
	while (is_up(port) && is_busy(port))
		pthread_cond_wait(&changed, &lock);
	if (is_up(port) && port->joined)
		other = other_that_is_up(port);
	if (other != NULL)
		engage(port, other);
	pthread_mutex_unlock(&lock);
	return other;
}

/* By the mender. */
static void
mend(struct mlx5x_port *port, uint16_t index)
{
	struct mlx5x_port *other = engage_joined(port);
	struct mlx5x_limit limit;
	int ret = 0;

	if (other == NULL)
		return;
	limit = limit_of(port);
	/* The other queue of the pair, or the other end, may have recovered it already. */
	if (index < port->nb_pairs && mlx5x_cable_is_failed(port, index))
		ret = mlx5x_ends_recover(port, other, index, &limit);
	pthread_mutex_lock(&lock);
	disengage(port, other);
	pthread_mutex_unlock(&lock);
	if (ret != 0 && ret != -ECANCELED)
		MLX5X_LOG(ERR, "%s: queue %u cannot be recovered (%s): stop and start the port",
			port->dev->data->name, index, strerror(-ret));
}

void
mlx5x_peer_recover(struct mlx5x_port *port, uint16_t index)
{
	mlx5x_wanted_add(port->wanted, index);
}

/* Also if partly created. */
static void
destroy_plug(struct mlx5x_plug *plug)
{
	mlx5x_mender_stop(plug->mender);
	if (plug->wake >= 0)
		close(plug->wake);
	free(plug);
}

static int
create_plug(struct mlx5x_port *port, struct mlx5x_plug **out)
{
	struct mlx5x_plug *plug = calloc(1, sizeof(*plug));
	int ret;

	if (plug == NULL)
		return -ENOMEM;
	plug->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ret = plug->wake < 0 ? -errno : 0;
	if (ret == 0 && port->wire->mutual)
		ret = mlx5x_mender_start(port, mend, &plug->mender);
	if (ret != 0) {
		destroy_plug(plug);
		return ret;
	}
	*out = plug;
	return 0;
}

/*
 * Engages a starting port, and the other end. NULL: that is not up, or its device is removed or had
 * a fatal event.
 */
static struct mlx5x_port *
plug_in(struct mlx5x_port *port, struct mlx5x_plug *plug)
{
	struct mlx5x_port *other;

	pthread_mutex_lock(&lock);
	while (is_busy(port))
		pthread_cond_wait(&changed, &lock);
	port->plug = plug;
	other = other_that_is_up(port);
	if (other != NULL && mlx5x_flag_read(&other->dead))
		other = NULL;
	engage(port, other);
	pthread_mutex_unlock(&lock);
	return other;
}

/*
 * Under the lock, which the other end needs to close: a reference delays its close until the link
 * event is raised.
 */
static void
hold_other(const struct mlx5x_port *port, struct mlx5x_port *other, struct mlx5x_holder *holder)
{
	*holder = (struct mlx5x_holder){0};
	if (other != NULL && other != port)
		mlx5x_hold_take(&other->hold, holder);
}

/* Neither under the lock nor engaged: calls the application's callback. */
static void
update_other_link(struct mlx5x_holder *holder)
{
	if (!mlx5x_hold_has(holder))
		return;
	mlx5x_link_changed(container_of(holder->hold, struct mlx5x_port, hold));
	mlx5x_hold_let_go(holder);
}

/* The end of a start or stop, after which the port is up or not. */
static void
plug_done(struct mlx5x_port *port, struct mlx5x_port *other, bool is_up)
{
	struct mlx5x_holder holder;

	pthread_mutex_lock(&lock);
	disengage(port, other);
	if (!is_up)
		port->plug = NULL;
	hold_other(port, other, &holder);
	pthread_mutex_unlock(&lock);
	update_other_link(&holder);
}

/* -ECANCELED: the other end stops, as if it had not been up. */
static int
join_other(struct mlx5x_port *port, struct mlx5x_plug *plug)
{
	struct mlx5x_port *other = plug_in(port, plug);
	const struct mlx5x_limit limit = limit_of(port);
	int ret = 0;

	if (other != NULL)
		ret = mlx5x_ends_join(port, other, &limit);
	if (ret == -ECANCELED)
		ret = 0;
	plug_done(port, other, ret == 0);
	return ret;
}

static int
up(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs)
{
	struct mlx5x_plug *plug = NULL;
	int ret;

	ret = create_plug(port, &plug);
	if (ret != 0)
		return ret;
	mlx5x_pair_publish(port, pairs, nb_pairs);
	ret = join_other(port, plug);
	if (ret == 0)
		return 0;
	mlx5x_pair_publish(port, NULL, 0);
	destroy_plug(plug);
	return ret;
}

int
mlx5x_peer_up(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs)
{
	int ret = 0;

	if (port->wire->mutual && port->wanted == NULL)
		ret = mlx5x_wanted_create(&port->wanted);
	if (ret != 0)
		return ret;
	if (is_remote(port))
		return mlx5x_cable_tcp_up(port, pairs, nb_pairs);
	warn_one_sided(port);
	ret = up(port, pairs, nb_pairs);
	mlx5x_link_changed(port);
	return ret;
}

/* From now on no thread begins to work on the port's cable, and waits of the present one end. */
static struct mlx5x_plug *
begin_down(struct mlx5x_port *port)
{
	struct mlx5x_plug *plug;

	pthread_mutex_lock(&lock);
	plug = port->plug;
	if (plug != NULL) {
		plug->leaving = true;
		wake_worker(port);
	}
	pthread_mutex_unlock(&lock);
	return plug;
}

/* Engages a stopping port, and returns its engaged other end if they are connected; else NULL. */
static struct mlx5x_port *
engage_stopping(struct mlx5x_port *port)
{
	struct mlx5x_port *other;

	pthread_mutex_lock(&lock);
	while (is_busy(port)) {
		wake_worker(port);
		pthread_cond_wait(&changed, &lock);
	}
	other = port->joined ? other_end(port) : NULL;
	engage(port, other);
	pthread_mutex_unlock(&lock);
	return other;
}

void
mlx5x_peer_down(struct mlx5x_port *port)
{
	struct mlx5x_port *other;
	struct mlx5x_plug *plug;

	if (is_remote(port)) {
		mlx5x_cable_tcp_down(port);
		return;
	}
	plug = begin_down(port);
	if (plug == NULL)
		return;
	mlx5x_mender_stop(plug->mender);
	plug->mender = NULL;
	other = engage_stopping(port);
	if (other != NULL)
		mlx5x_cable_leave(port);
	if (other != NULL && other != port)
		mlx5x_cable_cut(other);
	mlx5x_pair_publish(port, NULL, 0);
	plug_done(port, other, false);
	destroy_plug(plug);
}
