/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cable.h - one end of a cable: all the pairs of a port, taken together. Whoever knows the other
 * end calls these.
 *
 *	connect: the pairs receive; open: they send too, the link is up; cut: they wait.
 *
 * The caller sees to it that the port's pairs are neither published nor withdrawn meanwhile, and that
 * nobody else calls these. Each takes the port's lock and sleeps in system calls; what waits
 * for the other end does so without any lock, and within the caller's limit.
 */
#ifndef MLX5X_CABLE_H_
#define MLX5X_CABLE_H_

#include <stdbool.h>
#include <stdint.h>

struct mlx5x_port;
struct mlx5x_remote;
struct mlx5x_limit;

/*
 * What an end may take to connect all its pairs. It takes milliseconds; but where that is a connection
 * of TCP, that one tries again after 1, 3 and 7 seconds, if nobody has answered.
 */
#define MLX5X_CABLE_CONNECT_MS 10000

/*
 * Connects pair i to remotes[i], all or none; mtu is the other end's. 0; -ETIMEDOUT, -ECANCELED, or
 * -errno of a QP's transition: then all of them wait.
 */
int mlx5x_cable_connect(struct mlx5x_port *port, const struct mlx5x_remote *remotes, uint16_t mtu,
	const struct mlx5x_limit *limit);

/* After that. The caller lets the link's state be read anew afterwards, as after cut. */
void mlx5x_cable_open(struct mlx5x_port *port);

/*
 * The other end is gone: pairs that are connected or joined wait, without losing what they hold
 * for transmission later.
 */
void mlx5x_cable_cut(struct mlx5x_port *port);

/*
 * One pair of a port that is plugged in, with the other end doing the same to its own: reset leaves
 * it waiting, whatever state it was in; connect and open as above. 0 or -errno.
 */
int mlx5x_cable_reset_pair(struct mlx5x_port *port, uint16_t index);
int mlx5x_cable_connect_pair(struct mlx5x_port *port, uint16_t index,
	const struct mlx5x_remote *remote, uint16_t mtu, const struct mlx5x_limit *limit);
void mlx5x_cable_open_pair(struct mlx5x_port *port, uint16_t index);

/* If that fails: nothing half-made is left of it. The pair waits until the port is started again. */
void mlx5x_cable_cut_pair(struct mlx5x_port *port, uint16_t index);

/* The pair is joined and met an error. */
bool mlx5x_cable_is_failed(struct mlx5x_port *port, uint16_t index);

/* The port itself stops: its link is down, and its pairs are left as they are, to be destroyed. */
void mlx5x_cable_leave(struct mlx5x_port *port);

#endif
