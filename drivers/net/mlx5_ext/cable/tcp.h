/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp.h - TCP with a limit on everything: whatever the other end does, a call returns by its
 * deadline, and at once when someone makes the limit's wake descriptor readable.
 *
 * Functions return 0 or -errno; where a limit is given also -ETIMEDOUT, and -ECANCELED when woken.
 * Any thread; no locks. Sockets are closed on exec, and the caller's to close.
 */
#ifndef MLX5X_TCP_H_
#define MLX5X_TCP_H_

#include <stddef.h>
#include <stdint.h>

#include <netdb.h>

#include "device/endpoint.h"

struct mlx5x_tcp_limit {
	uint64_t deadline;	/* by mlx5x_tcp_now() */
	int wake;		/* a descriptor; -1: nobody wakes */
};

/* Milliseconds of a clock that only goes forward. */
uint64_t mlx5x_tcp_now(void);

/* Milliseconds until the deadline, at least 0; -1: there is none. */
int mlx5x_tcp_left(const struct mlx5x_tcp_limit *limit);

/*
 * The addresses of the endpoint, to be released by freeaddrinfo(). A name is looked up, which takes
 * the time that the system's resolver takes. 0, or one of getaddrinfo()'s errors: gai_strerror().
 */
int mlx5x_tcp_resolve(const struct mlx5x_endpoint *endpoint, struct addrinfo **list);

/* Listens at the first one of the addresses where that is possible. */
int mlx5x_tcp_listen(const struct addrinfo *list, int *fd);

/* Waits for somebody to connect. */
int mlx5x_tcp_accept(int listener, const struct mlx5x_tcp_limit *limit, int *fd);

/* Tries the addresses in turn, and leaves time for each. The error is that of the last one. */
int mlx5x_tcp_connect(const struct addrinfo *list, const struct mlx5x_tcp_limit *limit, int *fd);

/* All len bytes. -ECONNRESET also if the other end has closed. */
int mlx5x_tcp_send(int fd, const void *data, size_t len, const struct mlx5x_tcp_limit *limit);
int mlx5x_tcp_receive(int fd, void *data, size_t len, const struct mlx5x_tcp_limit *limit);

/* No deadline. */
#define MLX5X_TCP_FOREVER UINT64_MAX

#define MLX5X_TCP_WATCHED 3

/*
 * Waits until one of n descriptors, MLX5X_TCP_WATCHED at most, has something to read or is closed:
 * its index, the first one's if there are several. A descriptor may be -1, which never has.
 */
int mlx5x_tcp_watch(const int *fds, unsigned int n, const struct mlx5x_tcp_limit *limit);

/* Waits for the deadline: -ETIMEDOUT, or -ECANCELED. */
int mlx5x_tcp_pause(const struct mlx5x_tcp_limit *limit);

#endif
