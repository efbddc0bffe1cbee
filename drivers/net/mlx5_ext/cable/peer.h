/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * peer.h - the other end of a port's cable: the port itself, another port of this process, or by
 * cable_tcp.h a port of another process.
 *
 * peer=self connects each queue pair of a port to itself. peer=<PCI address> on both ports connects
 * their pairs (fold.h) when the second of them starts; when either stops, the other's link goes
 * down and its pairs return to INIT.
 *
 * One thread at a time owns a cable. It waits for the other end without a lock, and blocks no other
 * cable during system calls; a stop of either end ends its wait. Control path, except recover; may
 * sleep. The lock of the list of ports is never held over a sleep; only that of hold.c is taken
 * under it.
 */
#ifndef MLX5X_PEER_H_
#define MLX5X_PEER_H_

#include <stdint.h>

struct mlx5x_pair;
struct mlx5x_port;

/* From probe to close: other ports find the port by its PCI address. */
void mlx5x_peer_add(struct mlx5x_port *port);
void mlx5x_peer_remove(struct mlx5x_port *port);

/*
 * Starts the port with these prepared pairs, and connects them if the other end is up, within twice
 * MLX5X_CABLE_CONNECT_MS. 0, also if the other end is not up, or stops meanwhile; -EINVAL after a
 * log line: as mlx5x_ends_join(); -ENOMEM; -ETIMEDOUT; -errno of a QP's transition, of a thread, of
 * mlx5x_fold() or of mlx5x_cable_tcp_up(). On failure the port is not started.
 */
int mlx5x_peer_up(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs);

/*
 * Requests the recovery of a failed pair and of its other end, on wires that are `mutual`. A thread
 * does it, and logs a failure, after which the pair stays in INIT. By bursts and other threads,
 * between up and down; takes no lock and never waits.
 */
void mlx5x_peer_recover(struct mlx5x_port *port, uint16_t index);

/*
 * Stops the port: its pairs are the caller's again; the link of a connected other end goes down.
 * Waits for the owner of the cable, whose own waits it ends. Also if it was not started.
 */
void mlx5x_peer_down(struct mlx5x_port *port);

#endif
