/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * connected.h - what the wires of connected QPs have in common: one QP per queue pair, and an
 * Ethernet frame is a SEND. Locks and errors as wire.h has them.
 * Sources: ibv_modify_qp(3) for the attributes that each step needs.
 */
#ifndef MLX5X_CONNECTED_H_
#define MLX5X_CONNECTED_H_

#include <stdint.h>

#include <infiniband/verbs.h>

struct mlx5x_pair;
struct mlx5x_port;
struct mlx5x_remote;

#define MLX5X_CONNECTED_RTR (IBV_QP_STATE | IBV_QP_AV | IBV_QP_PATH_MTU | IBV_QP_DEST_QPN | \
	IBV_QP_RQ_PSN)

/* Whether the other end can address the QPs of the device. */
const char *mlx5x_connected_check(const struct mlx5x_port *port);

int mlx5x_connected_create(struct mlx5x_pair *pair, enum ibv_qp_type type);
void mlx5x_connected_destroy(struct mlx5x_pair *pair);

/* RESET and INIT. */
int mlx5x_connected_prepare(struct mlx5x_pair *pair);

/* The attributes of MLX5X_CONNECTED_RTR. */
void mlx5x_connected_rtr(const struct mlx5x_remote *remote, struct ibv_qp_attr *rtr);

/* The cable, and someone who looks after its queues. */
int mlx5x_connected_up(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs);
void mlx5x_connected_down(struct mlx5x_port *port);

#endif
