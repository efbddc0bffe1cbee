/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * link.h - the link state of a port: up when its cable is joined and the netdev has carrier.
 */
#ifndef MLX5X_LINK_H_
#define MLX5X_LINK_H_

struct mlx5x_port;
struct rte_eth_dev;

/* The ethdev op: reads the state anew. 0 if it changed, -1 if not, as ethdev has it. */
int mlx5x_link_update(struct rte_eth_dev *dev, int wait_to_complete);

/* Reads the state anew and, if it changed and the user asked for it, raises the LSC event. */
void mlx5x_link_changed(struct mlx5x_port *port);

/*
 * The same, but by EAL's interrupt thread and soon: for a thread that must not wait for what the
 * application does upon the event. mlx5x_link_settle() before the port goes.
 */
void mlx5x_link_changed_later(struct mlx5x_port *port);
void mlx5x_link_settle(struct mlx5x_port *port);

#endif
