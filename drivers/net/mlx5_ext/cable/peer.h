/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * peer.h - what a port's cable is plugged into: itself, another port of this process, or by
 * cable_tcp.h one elsewhere.
 *
 * peer=self joins each queue pair of a port to itself. peer=<PCI address> on both ports joins
 * queue i to queue i, when the second of them starts; when either stops, the other one's link
 * goes down and its queues wait, without losing what they hold for transmission later.
 *
 * One thread at a time works at a cable, and holds no lock while it waits for the other end, nor over
 * system calls those of another cable; a stop of either end ends the wait. Control path, but for recover;
 * may sleep. The lock is held for moments, and no other one is taken under it but that of hold.c.
 */
#ifndef MLX5X_PEER_H_
#define MLX5X_PEER_H_

#include <stdint.h>

struct mlx5x_pair;
struct mlx5x_port;

/* From probe on, and until close, the port can be found by its address. */
void mlx5x_peer_add(struct mlx5x_port *port);
void mlx5x_peer_remove(struct mlx5x_port *port);

/*
 * The port starts with these pairs, which are prepared: joins them if the other end is there, within
 * twice MLX5X_CABLE_CONNECT_MS. 0, also if it is not yet, or stops meanwhile; -EINVAL after a log line: the
 * ends do not fit together; -ETIMEDOUT; -errno of a QP's transition, of a thread, or of
 * mlx5x_cable_tcp_up(). After an error the port is as if it had not started.
 */
int mlx5x_peer_up(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs);

/*
 * Asks for pair index of the port to be brought back, which met an error, and the pair at the other end:
 * a thread does it, which also tells if it fails: the pair waits then. For wires where that takes both
 * ends. By bursts and other threads, between up and down; takes no lock and never waits.
 */
void mlx5x_peer_recover(struct mlx5x_port *port, uint16_t index);

/*
 * The port stops: its pairs are the caller's again; the other end, if joined, goes down. Waits for who
 * works at the cable, but not for what that one waits for. Also if it had not started.
 */
void mlx5x_peer_down(struct mlx5x_port *port);

#endif
