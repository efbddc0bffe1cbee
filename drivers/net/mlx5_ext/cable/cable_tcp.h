/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cable_tcp.h - the cable to a port of another process or host. The two ends exchange the addresses
 * of their queue pairs by a TCP connection, which stays open as a sign of life; packets do not use
 * it. One thread per port, from its start to its stop; it waits without a lock, for a bounded time
 * or until a stop wakes it, whatever the other end does.
 *
 *	one end                     other end
 *	HELLO  ------->  <-------   HELLO	parameters; a mismatch ends both
 *	              fold                 	as many pairs as the other end
 *	ADDRESSES  --->  <---   ADDRESSES	of the pairs
 *	            connect                	the pairs receive
 *	READY  ------->  <-------   READY
 *	              open                 	the pairs send, the link is up
 *	   ... until the connection closes; single pairs may be reset meanwhile: repair.h ...
 *	               cut                 	and again from the start
 */
#ifndef MLX5X_CABLE_TCP_H_
#define MLX5X_CABLE_TCP_H_

#include <stdint.h>

struct mlx5x_pair;
struct mlx5x_port;

/*
 * Starts the port, whose peer is an endpoint, with these prepared pairs. The thread recovers the
 * pairs in port->wanted, if the wire is `mutual`. Resolves the name first, which takes as long as
 * the system's resolver, without a lock. 0, also if the other end is not there; -EADDRNOTAVAIL: the
 * name cannot be resolved; -ENOMEM; -errno of listening, for instance -EADDRINUSE, or of the
 * thread. On failure, logged, the port is not started.
 */
int mlx5x_cable_tcp_up(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs);

/*
 * Stops the port, and the pairs are the caller's again. Also if it was not started. Waits for the
 * thread, which never waits for the caller or the application: events are raised by another thread.
 */
void mlx5x_cable_tcp_down(struct mlx5x_port *port);

#endif
