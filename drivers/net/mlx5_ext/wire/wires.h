/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wires.h - all wires, and the choice of one by wire= and by what the device can do. Each has a file
 * of its own; iwarp is what wire=rc stands for on iWARP.
 */
#ifndef MLX5X_WIRES_H_
#define MLX5X_WIRES_H_

#include "queue/wire.h"

extern const struct mlx5x_wire mlx5x_wire_dv;
extern const struct mlx5x_wire mlx5x_wire_raw;
extern const struct mlx5x_wire mlx5x_wire_uc;
extern const struct mlx5x_wire mlx5x_wire_rc;
extern const struct mlx5x_wire mlx5x_wire_iwarp;

/* The last three, the better one first, and NULL; nothing where the driver is built without them. */
extern const struct mlx5x_wire *const mlx5x_wires_soft[];

/*
 * The wire of that name that the device can do, or for an empty name the best one. NULL after a log
 * line that says why not.
 */
const struct mlx5x_wire *mlx5x_wires_choose(const struct mlx5x_port *port, const char *name);

/*
 * For cables, whose ends have to find each other: the port can be found, and cannot any more; and nobody
 * holds it any more.
 */
void mlx5x_wires_add_port(struct mlx5x_port *port);
void mlx5x_wires_remove_port(struct mlx5x_port *port);
void mlx5x_wires_end_port(struct mlx5x_port *port);

#endif
