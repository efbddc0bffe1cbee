/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mlx5_ext.h - the root of the driver: which functions it claims, and a port's life.
 */
#ifndef MLX5X_MLX5_EXT_H_
#define MLX5X_MLX5_EXT_H_

struct mlx5x_port;

/*
 * The port ends, and what was registered by itself with it: waits for those who hold it. Mappings are
 * its device's, and stay, unless the device is dead. May sleep.
 */
void mlx5x_port_end(struct mlx5x_port *port);

#endif
