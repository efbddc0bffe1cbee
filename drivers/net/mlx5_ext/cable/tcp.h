/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp.h - TCP where each call has a limit (common/limit.h), whatever the other end does.
 *
 * Functions return 0 or -errno; with a limit also -ETIMEDOUT, and -ECANCELED when woken. Any
 * thread; no locks. The caller closes the sockets, which are close-on-exec.
 */
#ifndef MLX5X_TCP_H_
#define MLX5X_TCP_H_

#include <stddef.h>
#include <stdint.h>

#include <netdb.h>

#include "common/limit.h"
#include "device/endpoint.h"

/*
 * The addresses of the endpoint, to be freed by freeaddrinfo(). Takes as long as the system's
 * resolver. 0, or an error of getaddrinfo(): gai_strerror().
 */
int mlx5x_tcp_resolve(const struct mlx5x_endpoint *endpoint, struct addrinfo **list);

/* Listens at the first address where that succeeds, IPv6 before IPv4. */
int mlx5x_tcp_listen(const struct addrinfo *list, int *fd);

/* Waits for a connection. */
int mlx5x_tcp_accept(int listener, const struct mlx5x_limit *limit, int *fd);

/* Tries the addresses in turn, with a share of the time each. The error is that of the last. */
int mlx5x_tcp_connect(const struct addrinfo *list, const struct mlx5x_limit *limit, int *fd);

/* All len bytes. -ECONNRESET also if the other end has closed the connection. */
int mlx5x_tcp_send(int fd, const void *data, size_t len, const struct mlx5x_limit *limit);
int mlx5x_tcp_receive(int fd, void *data, size_t len, const struct mlx5x_limit *limit);

#endif
