/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp.h - TCP with a limit on everything, whatever the other end does: common/limit.h.
 *
 * Functions return 0 or -errno; where a limit is given also -ETIMEDOUT, and -ECANCELED when woken.
 * Any thread; no locks. Sockets are closed on exec, and the caller's to close.
 */
#ifndef MLX5X_TCP_H_
#define MLX5X_TCP_H_

#include <stddef.h>
#include <stdint.h>

#include <netdb.h>

#include "common/limit.h"
#include "device/endpoint.h"

/*
 * The addresses of the endpoint, to be released by freeaddrinfo(). A name is looked up, which takes
 * the time that the system's resolver takes. 0, or one of getaddrinfo()'s errors: gai_strerror().
 */
int mlx5x_tcp_resolve(const struct mlx5x_endpoint *endpoint, struct addrinfo **list);

/* Listens at the first one of the addresses where that is possible. */
int mlx5x_tcp_listen(const struct addrinfo *list, int *fd);

/* Waits for somebody to connect. */
int mlx5x_tcp_accept(int listener, const struct mlx5x_limit *limit, int *fd);

/* Tries the addresses in turn, and leaves time for each. The error is that of the last one. */
int mlx5x_tcp_connect(const struct addrinfo *list, const struct mlx5x_limit *limit, int *fd);

/* All len bytes. -ECONNRESET also if the other end has closed. */
int mlx5x_tcp_send(int fd, const void *data, size_t len, const struct mlx5x_limit *limit);
int mlx5x_tcp_receive(int fd, void *data, size_t len, const struct mlx5x_limit *limit);

#endif
