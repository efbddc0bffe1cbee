/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wires_none.c - replaces wires_soft.c in a driver built for hardware alone.
 */
#include <stddef.h>

#include "wire/wires.h"

const struct mlx5x_wire *const mlx5x_wires_soft[] = {NULL};

void
mlx5x_wires_add_port(struct mlx5x_port *port)
{
}

void
mlx5x_wires_remove_port(struct mlx5x_port *port)
{
}

void
mlx5x_wires_end_port(struct mlx5x_port *port)
{
}
