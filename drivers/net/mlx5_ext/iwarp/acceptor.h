/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * acceptor.h - the thread that lets the outlets of the other end into the inlets of a port. It has no
 * lock but the inlets', so that an end may wait for it with any lock held.
 */
#ifndef MLX5X_ACCEPTOR_H_
#define MLX5X_ACCEPTOR_H_

#include <stdint.h>

struct mlx5x_pair;
struct mlx5x_port;

/* For the pairs, which stay until it is stopped. 0 or -errno. */
int mlx5x_acceptor_start(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs);

/* Also if it was not started. */
void mlx5x_acceptor_stop(struct mlx5x_port *port);

#endif
