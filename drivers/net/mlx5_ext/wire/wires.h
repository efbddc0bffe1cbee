/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wires.h - all wires, each in its own file, and the choice of one by wire= and the capabilities of
 * the device. On the iWARP transport wire=rc selects mlx5x_wire_iwarp.
 */
#ifndef MLX5X_WIRES_H_
#define MLX5X_WIRES_H_

#include "queue/wire.h"

extern const struct mlx5x_wire mlx5x_wire_dv;
extern const struct mlx5x_wire mlx5x_wire_raw;
extern const struct mlx5x_wire mlx5x_wire_uc;
extern const struct mlx5x_wire mlx5x_wire_rc;
extern const struct mlx5x_wire mlx5x_wire_iwarp;

/* The last three, by preference, and NULL; only NULL if the driver is built without them. */
extern const struct mlx5x_wire *const mlx5x_wires_soft[];

/*
 * The wire of that name, or for an empty name the preferred one of those that the device supports.
 * NULL after a log line with the reason.
 */
const struct mlx5x_wire *mlx5x_wires_choose(const struct mlx5x_port *port, const char *name);

/* The wire whose name field is that, in this process; or NULL. */
const struct mlx5x_wire *mlx5x_wires_named(const char *name);

/*
 * For cables, whose ends look each other up: add makes the port visible, remove hides it, end frees
 * the rest when no thread holds a reference to it any more.
 */
void mlx5x_wires_add_port(struct mlx5x_port *port);
void mlx5x_wires_remove_port(struct mlx5x_port *port);
void mlx5x_wires_end_port(struct mlx5x_port *port);

#endif
