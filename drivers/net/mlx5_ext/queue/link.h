/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * link.h - the link state of a port: up if its pairs are connected and the netdev has carrier.
 */
#ifndef MLX5X_LINK_H_
#define MLX5X_LINK_H_

struct mlx5x_port;
struct rte_eth_dev;

/* The ethdev op: reads the state again. 0 if it changed, else -1, as ethdev defines it. */
int mlx5x_link_update(struct rte_eth_dev *dev, int wait_to_complete);

/* Reads the state again; if it changed and intr_conf.lsc is set, raises the LSC event. */
void mlx5x_link_changed(struct mlx5x_port *port);

/*
 * The same from EAL's interrupt thread, for threads that must not run the application's callback.
 * mlx5x_link_settle() cancels it, before the port is freed.
 */
void mlx5x_link_changed_later(struct mlx5x_port *port);
void mlx5x_link_settle(struct mlx5x_port *port);

#endif
