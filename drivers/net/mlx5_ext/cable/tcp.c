/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cable/tcp.h"

/*
 * A host that died is detected after IDLE + COUNT * INTERVAL seconds: longer keeps a dead link up,
 * shorter takes a short loss of the network for one.
 */
#define KEEPALIVE_IDLE 2
#define KEEPALIVE_INTERVAL 1
#define KEEPALIVE_COUNT 3
/* A listener serves one peer; more get BUSY at once. */
#define BACKLOG 4

int
mlx5x_tcp_resolve(const struct mlx5x_endpoint *endpoint, struct addrinfo **list)
{
	const struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV | (endpoint->host[0] == '\0' ? AI_PASSIVE : 0),
	};
	char service[8];

	snprintf(service, sizeof(service), "%u", endpoint->port);
	return getaddrinfo(endpoint->host[0] != '\0' ? endpoint->host : NULL, service, &hints,
		list);
}

static int
open_socket(const struct addrinfo *at)
{
	return socket(at->ai_family, at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
		at->ai_protocol);
}

static int
listen_at(const struct addrinfo *at, int *fd)
{
	const int on = 1, off = 0;
	int ret;

	*fd = open_socket(at);
	if (*fd < 0)
		return -errno;
	/* The port may be in TIME_WAIT from a previous run; and :: accepts IPv4 too. */
	setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (at->ai_family == AF_INET6)
		setsockopt(*fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(*fd, at->ai_addr, at->ai_addrlen) == 0 && listen(*fd, BACKLOG) == 0)
		return 0;
	ret = -errno;
	close(*fd);
	return ret;
}

int
mlx5x_tcp_listen(const struct addrinfo *list, int *fd)
{
	static const int families[] = {AF_INET6, AF_INET};
	const struct addrinfo *at;
	int ret = -EADDRNOTAVAIL;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		for (at = list; at != NULL; at = at->ai_next) {
			if (at->ai_family != families[i])
				continue;
			ret = listen_at(at, fd);
			/* A port in use for IPv6 is in use for IPv4 as well. */
			if (ret == 0 || ret == -EADDRINUSE)
				return ret;
		}
	}
	return ret;
}

static void
set_up_stream(int fd)
{
	const int on = 1, idle = KEEPALIVE_IDLE, interval = KEEPALIVE_INTERVAL;
	const int count = KEEPALIVE_COUNT;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* Errors of a connection that was lost before accept4(): there may be another. */
static bool
is_passing(int error)
{
	return error == EAGAIN || error == EINTR || error == ECONNABORTED || error == EPROTO;
}

int
mlx5x_tcp_accept(int listener, const struct mlx5x_limit *limit, int *fd)
{
	int ret;

	do {
		ret = mlx5x_limit_wait(listener, POLLIN, limit);
		if (ret != 0)
			return ret;
		*fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	} while (*fd < 0 && is_passing(errno));
	if (*fd < 0)
		return -errno;
	set_up_stream(*fd);
	return 0;
}

static int
finish_connect(int fd, const struct mlx5x_limit *limit)
{
	socklen_t len = sizeof(int);
	int ret, error = 0;

	ret = mlx5x_limit_wait(fd, POLLOUT, limit);
	if (ret != 0)
		return ret;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		return -errno;
	return -error;
}

/*
 * If no process listens at a local port, the kernel may choose that port as source of the socket
 * that connects to it: TCP's simultaneous open then connects the socket to itself.
 */
static bool
is_connected_to_itself(int fd)
{
	struct sockaddr_storage here = {0}, there = {0};
	socklen_t here_len = sizeof(here), there_len = sizeof(there);

	return getsockname(fd, (struct sockaddr *)&here, &here_len) == 0 &&
		getpeername(fd, (struct sockaddr *)&there, &there_len) == 0 &&
		here_len == there_len && memcmp(&here, &there, here_len) == 0;
}

static int
connect_to(const struct addrinfo *at, const struct mlx5x_limit *limit, int *fd)
{
	int ret = 0;

	*fd = open_socket(at);
	if (*fd < 0)
		return -errno;
	if (connect(*fd, at->ai_addr, at->ai_addrlen) != 0)
		ret = errno == EINPROGRESS ? finish_connect(*fd, limit) : -errno;
	if (ret == 0 && is_connected_to_itself(*fd))
		ret = -ECONNREFUSED;
	if (ret != 0) {
		close(*fd);
		return ret;
	}
	set_up_stream(*fd);
	return 0;
}

/* The remaining time, divided by the number of addresses left. */
static struct mlx5x_limit
share(const struct addrinfo *list, const struct mlx5x_limit *limit)
{
	struct mlx5x_limit part = {.deadline = mlx5x_limit_now(), .wake = limit->wake};
	unsigned int n = 0;

	for (; list != NULL; list = list->ai_next)
		n++;
	if (part.deadline < limit->deadline)
		part.deadline += (limit->deadline - part.deadline) / n;
	return part;
}

int
mlx5x_tcp_connect(const struct addrinfo *list, const struct mlx5x_limit *limit, int *fd)
{
	struct mlx5x_limit part;
	int ret = -EADDRNOTAVAIL;

	for (; list != NULL; list = list->ai_next) {
		part = share(list, limit);
		ret = connect_to(list, &part, fd);
		if (ret == 0 || ret == -ECANCELED)
			break;
	}
	return ret;
}

int
mlx5x_tcp_send(int fd, const void *data, size_t len, const struct mlx5x_limit *limit)
{
	const uint8_t *at = data;
	ssize_t n;
	int ret;

	while (len > 0) {
		ret = mlx5x_limit_wait(fd, POLLOUT, limit);
		if (ret != 0)
			return ret;
		n = send(fd, at, len, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return errno == EPIPE ? -ECONNRESET : -errno;
		if (n > 0) {
			at += n;
			len -= n;
		}
	}
	return 0;
}

int
mlx5x_tcp_receive(int fd, void *data, size_t len, const struct mlx5x_limit *limit)
{
	uint8_t *at = data;
	ssize_t n;
	int ret;

	while (len > 0) {
		ret = mlx5x_limit_wait(fd, POLLIN, limit);
		if (ret != 0)
			return ret;
		n = recv(fd, at, len, 0);
		if (n == 0)
			return -ECONNRESET;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (n > 0) {
			at += n;
			len -= n;
		}
	}
	return 0;
}
