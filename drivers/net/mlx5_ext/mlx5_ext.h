/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mlx5_ext.h - the root of the driver: which functions it claims, and a port's life.
 */
#ifndef MLX5X_MLX5_EXT_H_
#define MLX5X_MLX5_EXT_H_

struct mlx5x_port;

/* Releases all that probe acquired, also half-made. Every mapping ends. May sleep. */
void mlx5x_port_destroy(struct mlx5x_port *port);

#endif
