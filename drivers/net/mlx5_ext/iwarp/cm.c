/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <netinet/in.h>

#include "common/limit.h"
#include "iwarp/cm.h"

/* A listener accepts one connection; further requests are rejected at once. */
#define BACKLOG 4

static int
errno_or(int fallback)
{
	return errno > 0 ? -errno : -fallback;
}

static void
fill_sockaddr(const struct mlx5x_cm_address *address, struct sockaddr_storage *out)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct in6_addr ip;

	memset(out, 0, sizeof(*out));
	memcpy(&ip, address->ip.raw, sizeof(ip));
	if (IN6_IS_ADDR_V4MAPPED(&ip)) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(address->port);
		memcpy(&v4->sin_addr, &ip.s6_addr[12], sizeof(v4->sin_addr));
		return;
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(address->port);
	v6->sin6_addr = ip;
	if (IN6_IS_ADDR_LINKLOCAL(&ip))
		v6->sin6_scope_id = address->netdev;
}

/* An id with an event channel of its own, which is non-blocking. */
static int
open_id(struct rdma_cm_id **id)
{
	struct rdma_event_channel *channel;
	int ret;

	errno = 0;
	channel = rdma_create_event_channel();
	if (channel == NULL)
		return errno == ENOENT ? -ENODEV : errno_or(ENODEV);
	if (fcntl(channel->fd, F_SETFL, O_NONBLOCK) != 0 ||
	    rdma_create_id(channel, id, NULL, RDMA_PS_TCP) != 0) {
		ret = errno_or(EIO);
		rdma_destroy_event_channel(channel);
		return ret;
	}
	return 0;
}

void
mlx5x_cm_close(struct rdma_cm_id *id)
{
	struct rdma_event_channel *channel;

	if (id == NULL)
		return;
	channel = id->channel;
	rdma_destroy_id(id);
	rdma_destroy_event_channel(channel);
}

void
mlx5x_cm_disconnect(struct rdma_cm_id *id)
{
	if (id != NULL)
		rdma_destroy_id(id);
}

static int
bind_and_listen(struct rdma_cm_id *id, struct mlx5x_cm_address *at, const char *rdma)
{
	struct sockaddr_storage address;

	errno = 0;
	at->port = 0;
	fill_sockaddr(at, &address);
	if (rdma_bind_addr(id, (struct sockaddr *)&address) != 0)
		return errno_or(EADDRNOTAVAIL);
	if (id->verbs == NULL || strcmp(ibv_get_device_name(id->verbs->device), rdma) != 0)
		return -EXDEV;
	if (rdma_listen(id, BACKLOG) != 0)
		return errno_or(EIO);
	at->port = ntohs(rdma_get_src_port(id));
	return 0;
}

int
mlx5x_cm_listen(struct mlx5x_cm_address *at, const char *rdma, struct rdma_cm_id **listener)
{
	int ret;

	ret = open_id(listener);
	if (ret != 0)
		return ret;
	ret = bind_and_listen(*listener, at, rdma);
	if (ret != 0) {
		mlx5x_cm_close(*listener);
		*listener = NULL;
	}
	return ret;
}

int
mlx5x_cm_fd(const struct rdma_cm_id *listener)
{
	return listener->channel->fd;
}

/* Copies the private data of the event, and acknowledges it. */
static int
take_private_data(struct rdma_cm_event *event, void *data, size_t len)
{
	int ret = -EBADMSG;

	if (event->param.conn.private_data_len >= len) {
		memcpy(data, event->param.conn.private_data, len);
		ret = 0;
	}
	rdma_ack_cm_event(event);
	return ret;
}

int
mlx5x_cm_next(struct rdma_cm_id *listener, struct rdma_cm_id **id, void *data, size_t len)
{
	struct rdma_cm_event *event;

	errno = 0;
	if (rdma_get_cm_event(listener->channel, &event) != 0)
		return errno_or(EAGAIN);
	/* Events of accepted connections are ignored: the CQs report their errors. */
	if (event->event != RDMA_CM_EVENT_CONNECT_REQUEST) {
		rdma_ack_cm_event(event);
		return -ENOMSG;
	}
	*id = event->id;
	if (take_private_data(event, data, len) == 0)
		return 0;
	mlx5x_cm_refuse(*id);
	return -EBADMSG;
}

static struct rdma_conn_param
parameters(uint32_t qpn, const void *data, size_t len)
{
	return (struct rdma_conn_param){
		.private_data = data,
		.private_data_len = len,
		.responder_resources = 1,
		.initiator_depth = 1,
		.qp_num = qpn,
	};
}

int
mlx5x_cm_accept(struct rdma_cm_id *id, uint32_t qpn, const void *data, size_t len)
{
	struct rdma_conn_param param = parameters(qpn, data, len);
	int ret;

	errno = 0;
	if (rdma_accept(id, &param) == 0)
		return 0;
	ret = errno_or(EIO);
	mlx5x_cm_refuse(id);
	return ret;
}

void
mlx5x_cm_refuse(struct rdma_cm_id *id)
{
	rdma_reject(id, NULL, 0);
	rdma_destroy_id(id);
}

/* The error of an unexpected event. */
static int
error_of(const struct rdma_cm_event *event)
{
	if (event->event == RDMA_CM_EVENT_REJECTED)
		return -ECONNREFUSED;
	return event->status < 0 ? event->status : -EHOSTUNREACH;
}

/* 0: *event is the expected event, and the caller acknowledges it. */
static int
wait_for(struct rdma_cm_id *id, enum rdma_cm_event_type wanted,
	const struct mlx5x_limit *limit, struct rdma_cm_event **event)
{
	int ret;

	ret = mlx5x_limit_watch(&id->channel->fd, 1, limit);
	if (ret < 0)
		return ret;
	errno = 0;
	if (rdma_get_cm_event(id->channel, event) != 0)
		return errno_or(EIO);
	if ((*event)->event == wanted && (*event)->status == 0)
		return 0;
	ret = error_of(*event);
	rdma_ack_cm_event(*event);
	return ret;
}

static int
expect(struct rdma_cm_id *id, enum rdma_cm_event_type wanted, const struct mlx5x_limit *limit)
{
	struct rdma_cm_event *event;
	int ret;

	ret = wait_for(id, wanted, limit, &event);
	if (ret == 0)
		rdma_ack_cm_event(event);
	return ret;
}

static int
resolve(struct rdma_cm_id *id, const struct mlx5x_cm_address *from,
	const struct mlx5x_cm_address *to, const struct mlx5x_limit *limit)
{
	int limit_ms = mlx5x_limit_left(limit);
	struct sockaddr_storage src, dst;
	int ret;

	errno = 0;
	fill_sockaddr(from, &src);
	fill_sockaddr(to, &dst);
	if (rdma_resolve_addr(id, (struct sockaddr *)&src, (struct sockaddr *)&dst, limit_ms) != 0)
		return errno_or(EHOSTUNREACH);
	ret = expect(id, RDMA_CM_EVENT_ADDR_RESOLVED, limit);
	if (ret != 0)
		return ret;
	errno = 0;
	if (rdma_resolve_route(id, limit_ms) != 0)
		return errno_or(EHOSTUNREACH);
	return expect(id, RDMA_CM_EVENT_ROUTE_RESOLVED, limit);
}

/* A cancellable call of rdma_connect(). */
struct attempt {
	struct rdma_cm_id *id;
	struct rdma_conn_param param;
	int done;		/* an eventfd */
	int ret;
};

static void *
make_attempt(void *arg)
{
	struct attempt *attempt = arg;

	errno = 0;
	attempt->ret = rdma_connect(attempt->id, &attempt->param) == 0 ? 0 : errno_or(EIO);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	eventfd_write(attempt->done, 1);
	return NULL;
}

/*
 * With siw of Linux 6.1 rdma_connect() blocks until TCP has an answer, two minutes at most, or a
 * signal arrives. So it is called in a thread that can be cancelled: pthread_cancel() is a signal
 * of which the application need not know, and write() in librdmacm is the only cancellation point
 * there.
 * Source: siw_connect() in drivers/infiniband/sw/siw/siw_cm.c (Linux).
 */
static int
attempt_within(struct attempt *attempt, const struct mlx5x_limit *limit)
{
	pthread_t thread;
	void *result;
	int ret;

	ret = -pthread_create(&thread, NULL, make_attempt, attempt);
	if (ret != 0)
		return ret;
	ret = mlx5x_limit_watch(&attempt->done, 1, limit);
	if (ret < 0)
		pthread_cancel(thread);
	pthread_join(thread, &result);
	return ret < 0 ? ret : attempt->ret;
}

static int
request_connection(struct rdma_cm_id *id, uint32_t qpn,
	const struct mlx5x_cm_private_data *private_data, const struct mlx5x_limit *limit)
{
	struct attempt attempt = {
		.id = id,
		.param = parameters(qpn, private_data->data, private_data->len),
		.done = eventfd(0, EFD_CLOEXEC),
	};
	int ret;

	if (attempt.done < 0)
		return -errno;
	ret = attempt_within(&attempt, limit);
	close(attempt.done);
	return ret;
}

static int
connect_id(struct rdma_cm_id *id, uint32_t qpn, const struct mlx5x_cm_private_data *private_data,
	const struct mlx5x_limit *limit)
{
	struct rdma_cm_event *event;
	int ret;

	ret = request_connection(id, qpn, private_data, limit);
	if (ret == 0)
		ret = wait_for(id, RDMA_CM_EVENT_ESTABLISHED, limit, &event);
	return ret != 0 ? ret :
		take_private_data(event, private_data->answer, private_data->answer_len);
}

int
mlx5x_cm_connect(const struct mlx5x_cm_address *from, const struct mlx5x_cm_address *to,
	uint32_t qpn, const struct mlx5x_cm_private_data *private_data,
	const struct mlx5x_limit *limit, struct rdma_cm_id **id)
{
	int ret;

	ret = open_id(id);
	if (ret != 0)
		return ret;
	ret = resolve(*id, from, to, limit);
	if (ret == 0)
		ret = connect_id(*id, qpn, private_data, limit);
	if (ret != 0) {
		mlx5x_cm_close(*id);
		*id = NULL;
	}
	return ret;
}
