/* SPDX-License-Identifier: BSD-3-Clause */
#include <stddef.h>
#include <string.h>

#include <ethdev_driver.h>
#include <rte_common.h>

#define LOG_ROOM "wire"
#include "log.h"
#include "port.h"
#include "wire.h"

/* The better one first. */
static const struct mlx5x_wire *const wires[] = {
	&mlx5x_wire_dv,
	&mlx5x_wire_raw,
	&mlx5x_wire_uc,
	&mlx5x_wire_rc,
};

const struct mlx5x_wire *
mlx5x_wire_choose(const struct mlx5x_port *port, const char *name)
{
	const char *why = "there is no wire of that name";
	unsigned int i;

	for (i = 0; i < RTE_DIM(wires); i++) {
		if (name[0] != '\0' && strcmp(wires[i]->name, name) != 0)
			continue;
		why = wires[i]->check(port);
		if (why == NULL)
			return wires[i];
	}
	MLX5X_LOG(ERR, "%s: wire=%s: %s of %s", port->dev->data->name, name, why, port->found.rdma);
	return NULL;
}
