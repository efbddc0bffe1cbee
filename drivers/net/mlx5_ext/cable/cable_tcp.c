/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <bsd/string.h>

#define LOG_COMPONENT "cable"
#include "cable/cable.h"
#include "cable/cable_tcp.h"
#include "cable/ends.h"
#include "cable/message.h"
#include "cable/repair.h"
#include "cable/talk.h"
#include "cable/tcp.h"
#include "cable/wanted.h"
#include "common/compat.h"
#include "common/log.h"
#include "queue/fold.h"
#include "queue/link.h"
#include "queue/pair.h"

/* More notices a hung peer later; less ends sessions with a busy host. */
#define LIMIT_MS 3000	/* for the other end to answer */
#define RETRY_MS 500	/* between two attempts to connect */

/* Owned by the thread while it runs, except `wake`. */
struct mlx5x_cable_tcp {
	struct mlx5x_port *port;
	struct addrinfo *addresses;
	int listener;		/* -1: this end connects */
	int wake;		/* an eventfd: the port stops */
	mlx5x_thread thread;
	char where[320];	/* for messages */
	char told[256];		/* the last message, to log a repeated one once */
};

static_assert(MLX5X_MESSAGE_PAIRS >= MLX5X_PORT_PAIRS, "a HELLO has room for all pairs");

static void __rte_format_printf(3, 4)
tell(struct mlx5x_cable_tcp *cable, uint32_t level, const char *format, ...)
{
	char text[sizeof(cable->told)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (strcmp(text, cable->told) == 0)
		return;
	strlcpy(cable->told, text, sizeof(cable->told));
	rte_log(level, mlx5x_logtype, "mlx5_ext/" LOG_COMPONENT ": %s: %s: %s\n",
		cable->port->dev->data->name, cable->where, text);
}

static struct mlx5x_limit
limit_of(const struct mlx5x_cable_tcp *cable, unsigned int ms)
{
	return (struct mlx5x_limit){.deadline = mlx5x_limit_now() + ms, .wake = cable->wake};
}

static void
fill_hello(const struct mlx5x_port *port, struct mlx5x_hello *hello)
{
	const struct rte_eth_dev_data *data = port->dev->data;

	*hello = (struct mlx5x_hello){
		.mtu = data->mtu,
		.lid = port->caps.lid, .path_mtu = port->caps.path_mtu,
		.nb_rx = data->nb_rx_queues, .nb_tx = data->nb_tx_queues,
	};
	strlcpy(hello->wire, port->wire->name, sizeof(hello->wire));
	memcpy(hello->gid, port->caps.gid.raw, sizeof(hello->gid));
}

static int
exchange(struct mlx5x_cable_tcp *cable, int fd, struct mlx5x_hello *theirs,
	const struct mlx5x_limit *limit)
{
	uint8_t bytes[MLX5X_MESSAGE_HEADER + MLX5X_MESSAGE_BODY];
	struct mlx5x_message_header header;
	struct mlx5x_hello ours;
	int ret, sent;

	fill_hello(cable->port, &ours);
	/* A refusing end may close before this one has sent; its message can still be read. */
	sent = mlx5x_tcp_send(fd, bytes, mlx5x_message_put_hello(bytes, &ours), limit);
	ret = mlx5x_talk_receive(fd, &header, bytes, limit);
	if (ret == -EPROTONOSUPPORT)
		tell(cable, RTE_LOG_ERR, "refused: here is version %u of the protocol, there is "
			"%u: use the same release of this driver at both ends",
			MLX5X_MESSAGE_VERSION, header.version);
	if (ret != 0)
		return ret;
	if (header.kind == MLX5X_MESSAGE_BUSY)
		return -EBUSY;
	if (header.kind != MLX5X_MESSAGE_HELLO)
		return -EBADMSG;
	ret = mlx5x_message_get_hello(bytes, header.length, theirs);
	return ret == 0 ? sent : ret;
}

/* With the same result at both ends. 0; -EINVAL after a log line. */
static int
check_fit(struct mlx5x_cable_tcp *cable, const struct mlx5x_hello *theirs)
{
	const bool iwarp = strcmp(theirs->wire, MLX5X_WIRE_IWARP) == 0;
	const struct mlx5x_port *port = cable->port;
	const struct rte_eth_dev_data *data = port->dev->data;

	if (iwarp != port->wire->iwarp)
		tell(cable, RTE_LOG_ERR, "refused: here is a device of %s, there is one of %s: "
			"join devices of one transport", mlx5x_ends_transport(port->wire->iwarp),
			mlx5x_ends_transport(iwarp));
	else if (strcmp(theirs->wire, port->wire->name) != 0)
		tell(cable, RTE_LOG_ERR, "refused: here is wire=%s, there is wire=%s: give both "
			"ends the same wire=", mlx5x_wire_devarg(port->wire), theirs->wire);
	else if (!mlx5x_ends_receive(data->nb_rx_queues, data->nb_tx_queues, theirs->nb_rx,
			theirs->nb_tx))
		tell(cable, RTE_LOG_ERR, "refused: here are %u Rx and %u Tx queues, there are %u "
			"and %u: what one end sends needs an Rx queue at the other",
			data->nb_rx_queues, data->nb_tx_queues, theirs->nb_rx, theirs->nb_tx);
	else if (theirs->mtu != data->mtu)
		tell(cable, RTE_LOG_ERR, "refused: here the MTU is %u, there it is %u: set the "
			"same at both ends", data->mtu, theirs->mtu);
	else
		return 0;
	return -EINVAL;
}

/* Stores the addresses of the other end. */
static void
store_remotes(struct mlx5x_cable_tcp *cable, const struct mlx5x_hello *theirs,
	const struct mlx5x_message_address *addresses, struct mlx5x_repair *repair)
{
	struct mlx5x_remote *to;
	uint16_t i;

	for (i = 0; i < cable->port->nb_joined; i++) {
		to = &repair->remotes[i];
		to->qpn = addresses[i].qpn;
		to->psn = addresses[i].psn;
		to->lid = theirs->lid;
		to->path_mtu = RTE_MIN((enum ibv_mtu)theirs->path_mtu, cable->port->caps.path_mtu);
		memcpy(to->gid.raw, theirs->gid, sizeof(theirs->gid));
	}
}

/* For the other end's answer and, on wires with a reach step, for its connections to this end. */
static struct mlx5x_limit
limit_of_answer(const struct mlx5x_cable_tcp *cable)
{
	return limit_of(cable, LIMIT_MS +
		(cable->port->wire->reach != NULL ? MLX5X_CABLE_CONNECT_MS : 0));
}

/* Sends READY, and opens the pairs after the other end's READY. */
static int
open_together(struct mlx5x_cable_tcp *cable, int fd, const struct mlx5x_hello *theirs)
{
	const struct rte_eth_dev_data *data = cable->port->dev->data;
	struct mlx5x_limit limit = limit_of_answer(cable);
	int ret;

	ret = mlx5x_talk_send(fd, MLX5X_MESSAGE_READY, &limit);
	if (ret == 0)
		ret = mlx5x_talk_expect(fd, MLX5X_MESSAGE_READY, &limit);
	if (ret != 0)
		return ret;
	mlx5x_cable_open(cable->port);
	tell(cable, RTE_LOG_NOTICE, "connected: here are %u Rx and %u Tx queues, there are %u "
		"and %u", data->nb_rx_queues, data->nb_tx_queues, theirs->nb_rx, theirs->nb_tx);
	mlx5x_link_changed_later(cable->port);
	return 0;
}

/* Begins the recoveries requested by bursts. */
static int
begin_recoveries(struct mlx5x_cable_tcp *cable, struct mlx5x_repair *repair)
{
	struct mlx5x_limit limit = limit_of(cable, LIMIT_MS);
	uint16_t i;
	int ret = 0;

	while (ret == 0 && mlx5x_wanted_take(cable->port->wanted, &i))
		if (i < cable->port->nb_joined)
			ret = mlx5x_repair_begin(repair, i, &limit);
	return ret;
}

static int
handle_message(struct mlx5x_cable_tcp *cable, struct mlx5x_repair *repair)
{
	struct mlx5x_limit limit = limit_of(cable, LIMIT_MS);
	struct mlx5x_message_header header;
	uint8_t body[MLX5X_MESSAGE_BODY];
	int ret;

	ret = mlx5x_talk_receive(repair->fd, &header, body, &limit);
	return ret == 0 ? mlx5x_repair_take(repair, &header, body, &limit) : ret;
}

/* Until the other end closes or violates the protocol, or the port stops. */
static int
serve(struct mlx5x_cable_tcp *cable, struct mlx5x_repair *repair)
{
	struct mlx5x_wanted *wanted = cable->port->wanted;
	const int fds[] = {repair->fd, wanted != NULL ? mlx5x_wanted_fd(wanted) : -1,
		cable->listener};
	struct mlx5x_limit limit;
	int ret = 0;

	while (ret == 0) {
		limit = limit_of_answer(cable);
		if (repair->nb_waiting == 0)
			limit.deadline = MLX5X_LIMIT_FOREVER;
		ret = mlx5x_limit_watch(fds, RTE_DIM(fds), &limit);
		if (ret == 0) {
			ret = handle_message(cable, repair);
		} else if (ret == 1) {
			ret = begin_recoveries(cable, repair);
		} else if (ret == 2) {
			limit = limit_of(cable, 0);
			mlx5x_talk_turn_away(cable->listener, &limit);
			ret = 0;
		}
	}
	/* Of the keepalive too: its host no longer answers. */
	return ret == -ETIMEDOUT ? -EHOSTDOWN : ret;
}

/* As many pairs as the other end has. 0; -EINVAL after a log line. */
static int
fold(struct mlx5x_cable_tcp *cable, const struct mlx5x_hello *theirs)
{
	int ret = mlx5x_fold(cable->port, theirs->nb_tx);

	if (ret == 0)
		return 0;
	tell(cable, RTE_LOG_ERR, "cannot create the queue pairs for %u Tx queues there: %s",
		theirs->nb_tx, strerror(-ret));
	mlx5x_cable_cut(cable->port);
	return -EINVAL;
}

/* 0; -EINVAL after a log line; -ECANCELED; another -errno of the exchange. */
static int
connect_pairs(struct mlx5x_cable_tcp *cable, const struct mlx5x_hello *theirs,
	struct mlx5x_repair *repair)
{
	/* The other end folds its pairs meanwhile, too. */
	struct mlx5x_limit limit = limit_of(cable, MLX5X_CABLE_CONNECT_MS);
	struct mlx5x_message_address addresses[MLX5X_MESSAGE_PAIRS];
	const struct mlx5x_port *port = cable->port;
	uint16_t i;
	int ret;

	for (i = 0; i < port->nb_joined; i++)
		addresses[i] = (struct mlx5x_message_address){
			.qpn = port->pairs[i].qpn, .psn = port->pairs[i].psn};
	ret = mlx5x_talk_swap_addresses(repair->fd, addresses, port->nb_joined, &limit);
	if (ret != 0)
		return ret;
	store_remotes(cable, theirs, addresses, repair);
	limit = limit_of(cable, MLX5X_CABLE_CONNECT_MS);
	ret = mlx5x_cable_connect(cable->port, repair->remotes, repair->mtu, &limit);
	if (ret == 0 || ret == -ECANCELED)
		return ret;
	tell(cable, RTE_LOG_ERR, "cannot connect the queue pairs: %s", strerror(-ret));
	return -EINVAL;
}

/* From a new connection until its end; returns the reason of the end. */
static int
run_session(struct mlx5x_cable_tcp *cable, int fd)
{
	struct mlx5x_limit limit = limit_of(cable, LIMIT_MS);
	struct mlx5x_repair repair;
	struct mlx5x_hello theirs;
	int ret;

	ret = exchange(cable, fd, &theirs, &limit);
	if (ret == 0)
		ret = check_fit(cable, &theirs);
	if (ret == 0)
		ret = fold(cable, &theirs);
	if (ret != 0)
		return ret;
	repair = (struct mlx5x_repair){.port = cable->port, .fd = fd, .mtu = theirs.mtu};
	ret = connect_pairs(cable, &theirs, &repair);
	if (ret != 0)
		return ret;
	ret = open_together(cable, fd, &theirs);
	if (ret == 0)
		ret = serve(cable, &repair);
	mlx5x_cable_cut(cable->port);
	mlx5x_link_changed_later(cable->port);
	return ret;
}

/* -EINVAL and -EPROTONOSUPPORT are logged already, with details. */
static void
log_end(struct mlx5x_cable_tcp *cable, int ret)
{
	switch (ret) {
	case -EINVAL:
	case -EPROTONOSUPPORT:
	case -ECANCELED:
		break;
	case -EBUSY:
		tell(cable, RTE_LOG_WARNING, "refused: peer connected to another port; retrying");
		break;
	case -EBADMSG:
		tell(cable, RTE_LOG_WARNING, "refused: peer is no port of this driver; waiting");
		break;
	case -ETIMEDOUT:
		tell(cable, RTE_LOG_WARNING, "handshake timeout: no answer within %u s; retrying",
			LIMIT_MS / 1000);
		break;
	default:
		tell(cable, RTE_LOG_NOTICE, "the peer has disconnected (%s); waiting for it",
			strerror(-ret));
		break;
	}
}

/* No descriptor or memory for a connection: may pass, and is not worth a busy loop. */
static bool
is_short(int ret)
{
	return ret == -EMFILE || ret == -ENFILE || ret == -ENOBUFS || ret == -ENOMEM;
}

static int
connect_peer(struct mlx5x_cable_tcp *cable, int *fd)
{
	struct mlx5x_limit limit;
	int ret;

	limit = limit_of(cable, LIMIT_MS);
	if (cable->listener >= 0) {
		limit.deadline = MLX5X_LIMIT_FOREVER;
		return mlx5x_tcp_accept(cable->listener, &limit, fd);
	}
	ret = mlx5x_tcp_connect(cable->addresses, &limit, fd);
	if (ret != 0 && ret != -ECANCELED)
		tell(cable, RTE_LOG_NOTICE, "not reachable yet (%s); retrying", strerror(-ret));
	return ret;
}

static MLX5X_THREAD_RESULT
run(void *arg)
{
	struct mlx5x_cable_tcp *cable = arg;
	struct mlx5x_limit limit;
	int ret, fd;

	do {
		ret = connect_peer(cable, &fd);
		if (ret == 0) {
			ret = run_session(cable, fd);
			close(fd);
			log_end(cable, ret);
		}
		if (ret != -ECANCELED) {
			limit = limit_of(cable,
				cable->listener < 0 || is_short(ret) ? RETRY_MS : 0);
			ret = mlx5x_limit_pause(&limit);
		}
	} while (ret != -ECANCELED);
	return 0;
}

/* Also if partly created. */
static void
destroy(struct mlx5x_cable_tcp *cable)
{
	if (cable->listener >= 0)
		close(cable->listener);
	if (cable->wake >= 0)
		close(cable->wake);
	if (cable->addresses != NULL)
		freeaddrinfo(cable->addresses);
	free(cable);
}

/* The endpoint, as in the device argument. */
static void
name(struct mlx5x_cable_tcp *cable)
{
	const struct mlx5x_devargs *args = &cable->port->devargs;
	const struct mlx5x_endpoint *at = &args->endpoint;
	const char *format = strchr(at->host, ':') != NULL ? "peer=%s[%s]:%u" :
		at->host[0] != '\0' ? "peer=%s%s:%u" : "peer=%s%s%u";

	snprintf(cable->where, sizeof(cable->where), format,
		args->peer_kind == MLX5X_PEER_LISTEN ? "listen:" : "", at->host, at->port);
}

static int
find_addresses(struct mlx5x_cable_tcp *cable)
{
	int error = mlx5x_tcp_resolve(&cable->port->devargs.endpoint, &cable->addresses);

	if (error == 0)
		return 0;
	cable->addresses = NULL;
	tell(cable, RTE_LOG_ERR, "cannot resolve the address: %s", gai_strerror(error));
	return -EADDRNOTAVAIL;
}

static int
start_listening(struct mlx5x_cable_tcp *cable)
{
	int ret;

	if (cable->port->devargs.peer_kind != MLX5X_PEER_LISTEN)
		return 0;
	ret = mlx5x_tcp_listen(cable->addresses, &cable->listener);
	if (ret != 0) {
		cable->listener = -1;
		tell(cable, RTE_LOG_ERR, "cannot listen: %s", strerror(-ret));
	}
	return ret;
}

static int
create(struct mlx5x_port *port, struct mlx5x_cable_tcp **out)
{
	struct mlx5x_cable_tcp *cable = calloc(1, sizeof(*cable));
	int ret;

	if (cable == NULL)
		return -ENOMEM;
	cable->port = port;
	cable->listener = -1;
	name(cable);
	cable->wake = eventfd(0, EFD_CLOEXEC);
	ret = cable->wake >= 0 ? find_addresses(cable) : -errno;
	if (ret == 0)
		ret = start_listening(cable);
	if (ret != 0) {
		destroy(cable);
		return ret;
	}
	*out = cable;
	return 0;
}

int
mlx5x_cable_tcp_up(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs)
{
	struct mlx5x_cable_tcp *cable;
	int ret;

	ret = create(port, &cable);
	if (ret != 0)
		return ret;
	mlx5x_pair_publish(port, pairs, nb_pairs);
	port->cable = cable;
	ret = mlx5x_compat_thread_create(&cable->thread, "mlx5x-cable", run, cable);
	if (ret != 0) {
		MLX5X_LOG(ERR, "%s: cannot create the thread of %s: %s", port->dev->data->name,
			cable->where, strerror(-ret));
		port->cable = NULL;
		mlx5x_pair_publish(port, NULL, 0);
		destroy(cable);
		return ret;
	}
	mlx5x_link_changed_later(port);
	return 0;
}

void
mlx5x_cable_tcp_down(struct mlx5x_port *port)
{
	struct mlx5x_cable_tcp *cable = port->cable;
	const uint64_t one = 1;

	if (cable == NULL)
		return;
	/* Fails only if the counter of the eventfd would overflow. */
	if (write(cable->wake, &one, sizeof(one)) < 0)
		MLX5X_LOG(ERR, "%s: cannot wake the thread: %s", cable->where, strerror(errno));
	mlx5x_compat_thread_join(cable->thread);
	destroy(cable);
	port->cable = NULL;
	mlx5x_cable_leave(port);
	mlx5x_pair_publish(port, NULL, 0);
}
