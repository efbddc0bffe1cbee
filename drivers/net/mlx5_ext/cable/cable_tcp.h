/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cable_tcp.h - the cable to a port of another process or host. The two ends meet by TCP, tell each
 * other their queue pairs, and keep the connection as the sign that both are there; packets never
 * take it. One thread per port, between its start and its stop; whatever the other end does, the
 * thread waits for a bounded time, or where a stop wakes it, and holds no lock meanwhile.
 *
 *	one end                     other end
 *	HELLO  ------->  <-------   HELLO	who I am; a mismatch ends it at both
 *	            connect                	the pairs receive
 *	READY  ------->  <-------   READY
 *	              open                 	the pairs send, the link is up
 *	   ... until the connection closes; single pairs may be reset meanwhile: repair.h ...
 *	               cut                 	and from the start again
 */
#ifndef MLX5X_CABLE_TCP_H_
#define MLX5X_CABLE_TCP_H_

#include <stdint.h>

struct mlx5x_pair;
struct mlx5x_port;

/*
 * The port, whose peer is an endpoint, starts with these pairs, which are prepared. The thread brings back
 * what is put down in port->wanted, where the wire takes both ends for that. Looks a name up first, which
 * takes the time of the system's resolver, and holds no lock meanwhile. 0, whether or not the other end
 * is there; -EADDRNOTAVAIL: its name is not known; -errno of listening, for instance
 * -EADDRINUSE, or of making the thread. Errors are logged, and then it is as if it had not started.
 */
int mlx5x_cable_tcp_up(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs);

/*
 * The port stops, and its pairs are the caller's again. Also if it had not started. Waits for the
 * thread, which never waits for the caller or for the application: events are raised elsewhere.
 */
void mlx5x_cable_tcp_down(struct mlx5x_port *port);

#endif
