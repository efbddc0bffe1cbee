/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * acceptor.h - the thread that accepts the connections of the other end's iwarp_tx for each
 * iwarp_rx of a port. It takes only their locks, so an end may wait for it with any other lock
 * held.
 */
#ifndef MLX5X_ACCEPTOR_H_
#define MLX5X_ACCEPTOR_H_

#include <stdint.h>

struct mlx5x_acceptor;
struct mlx5x_iwarp_rx;
struct mlx5x_pair;
struct mlx5x_port;

/*
 * For these pairs, which exist until it is stopped. 0; -ENOMEM; -errno of a descriptor or the
 * thread.
 */
int mlx5x_acceptor_start(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs);

/*
 * Adds the iwarp_rx of a pair, if it is not among them yet; it exists until the acceptor is
 * stopped. By one thread at a time; MLX5X_PORT_PAIRS in all.
 */
void mlx5x_acceptor_add(struct mlx5x_acceptor *acceptor, struct mlx5x_iwarp_rx *rx);

/* Waits for the thread. Also if it was not started. */
void mlx5x_acceptor_stop(struct mlx5x_port *port);

#endif
