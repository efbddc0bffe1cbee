/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * peer.h - what a port's cable is plugged into: itself, another port of this process, or by
 * cable_tcp.h one elsewhere.
 *
 * peer=self joins each queue pair of a port to itself. peer=<PCI address> on both ports joins
 * queue i to queue i, when the second of them starts; when either stops, the other one's link
 * goes down and its queues wait, without losing what they hold for transmission later.
 *
 * One lock for all cables within the process; taken before any table's lock. Control path only; may sleep.
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
 * The port starts with these pairs, which are armed: joins them if the other end is there. 0, also
 * if it is not yet; -EINVAL after a log line: the ends do not fit together; -errno of a QP's
 * transition or of mlx5x_cable_tcp_up(). After an error the port is as if it had not started.
 */
int mlx5x_peer_up(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs);

/*
 * Brings back pair index of the port, which met an error, and the pair at the other end. By any
 * thread outside its gates; waits for no port that is being started or stopped: then the pair stays
 * marked, for the next call. To another process this only asks for it. 0, or -errno of a step that
 * failed: the pair waits.
 */
int mlx5x_peer_recover(struct mlx5x_port *port, uint16_t index);

/* The port stops: its pairs are the caller's again; the other end, if joined, goes down. */
void mlx5x_peer_down(struct mlx5x_port *port);

#endif
