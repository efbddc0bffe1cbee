/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * acceptor.h - the thread that accepts, for each iwarp_rx of a port, the connection of the other end's
 * iwarp_tx. It takes no lock but theirs, so that an end may wait for it with any other lock held.
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
