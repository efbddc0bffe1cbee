/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wires_soft.c - the wires of software rdma devices, whose ports are ends of cables. wires_none.c
 * replaces it in a driver built for hardware alone.
 */
#include <stddef.h>

#include "cable/peer.h"
#include "cable/wanted.h"
#include "queue/port.h"
#include "wire/wires.h"

const struct mlx5x_wire *const mlx5x_wires_soft[] = {
	&mlx5x_wire_uc,
	&mlx5x_wire_rc,
	&mlx5x_wire_iwarp,
	NULL,
};

void
mlx5x_wires_add_port(struct mlx5x_port *port)
{
	mlx5x_peer_add(port);
}

void
mlx5x_wires_remove_port(struct mlx5x_port *port)
{
	mlx5x_peer_remove(port);
}

void
mlx5x_wires_end_port(struct mlx5x_port *port)
{
	mlx5x_wanted_destroy(port->wanted);
}
