/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * connected.h - the common part of the wires of connected QPs: one QP per queue pair, an Ethernet
 * frame is a SEND. Locks and errors as in wire.h.
 * Source: ibv_modify_qp(3) for the attributes of each transition.
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

/* NULL if the device has a GID, which the other end needs as address; else the reason. */
const char *mlx5x_connected_check(const struct mlx5x_port *port);

/* Creates the QP of the pair: IBV_QPT_RC or IBV_QPT_UC. 0 or -errno. destroy: also without QP. */
int mlx5x_connected_create(struct mlx5x_pair *pair, enum ibv_qp_type type);
void mlx5x_connected_destroy(struct mlx5x_pair *pair);

/* From any state to RESET and INIT. 0 or -errno. */
int mlx5x_connected_prepare(struct mlx5x_pair *pair);

/* Fills in the attributes of MLX5X_CONNECTED_RTR. */
void mlx5x_connected_rtr(const struct mlx5x_remote *remote, struct ibv_qp_attr *rtr);

/*
 * mlx5x_peer_up() and mlx5x_stall_start(), and the reverse. up: 0, or their error with both undone.
 */
int mlx5x_connected_up(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs);
void mlx5x_connected_down(struct mlx5x_port *port);

#endif
