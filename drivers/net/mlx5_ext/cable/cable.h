/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cable.h - one end of a cable: operations on all pairs of a port, for the callers that have the
 * addresses of the other end.
 *
 *	connect: the pairs receive; open: they send too, the link is up; cut: back to INIT.
 *
 * The caller ensures that the port's pairs are neither published nor withdrawn meanwhile, and
 * that no other thread calls these. All but leave take the port's lock, and those that change
 * QPs sleep in system calls; waiting for the other end is done without a lock, within the
 * caller's limit.
 */
#ifndef MLX5X_CABLE_H_
#define MLX5X_CABLE_H_

#include <stdbool.h>
#include <stdint.h>

struct mlx5x_port;
struct mlx5x_remote;
struct mlx5x_limit;

/*
 * Milliseconds to connect all pairs of an end. Usually few; but on iWARP a connection is one of
 * TCP, which retries after 1, 3 and 7 seconds without an answer.
 */
#define MLX5X_CABLE_CONNECT_MS 10000

/*
 * Connects pair i to remotes[i], all or none; mtu is the other end's. 0; -ETIMEDOUT, -ECANCELED, or
 * -errno of a QP's transition: then all of them are in INIT. -ENETUNREACH, -ETIMEDOUT: also some
 * seconds later the kernel has no route to the other end's GID, or no answer from it.
 */
int mlx5x_cable_connect(struct mlx5x_port *port, const struct mlx5x_remote *remotes, uint16_t mtu,
	const struct mlx5x_limit *limit);

/* After connect. The caller updates the link state afterwards, as after cut. */
void mlx5x_cable_open(struct mlx5x_port *port);

/*
 * The other end is gone: the pairs return to INIT. Packets posted and not completed are lost; the
 * queues stay usable for the next connect.
 */
void mlx5x_cable_cut(struct mlx5x_port *port);

/*
 * One pair of a port that is up, while the other end does the same to its own: reset leaves it in
 * INIT, whatever its state was; connect and open as above. 0 or -errno.
 */
int mlx5x_cable_reset_pair(struct mlx5x_port *port, uint16_t index);
int mlx5x_cable_connect_pair(struct mlx5x_port *port, uint16_t index,
	const struct mlx5x_remote *remote, uint16_t mtu, const struct mlx5x_limit *limit);
void mlx5x_cable_open_pair(struct mlx5x_port *port, uint16_t index);

/*
 * After a failure of these: ends a partial connection. The pair stays in INIT until the next
 * mlx5x_cable_connect().
 */
void mlx5x_cable_cut_pair(struct mlx5x_port *port, uint16_t index);

/* The pair is RUNNING and failed. */
bool mlx5x_cable_is_failed(struct mlx5x_port *port, uint16_t index);

/* The port itself stops: its link is down; its pairs are unchanged, to be destroyed. */
void mlx5x_cable_leave(struct mlx5x_port *port);

#endif
