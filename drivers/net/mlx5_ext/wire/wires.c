/* SPDX-License-Identifier: BSD-3-Clause */
#include <stddef.h>
#include <string.h>

#include <ethdev_driver.h>
#include <rte_common.h>

#define LOG_ROOM "wire"
#include "common/log.h"
#include "queue/port.h"
#include "wire/wires.h"

/* The better one first. */
static const struct mlx5x_wire *const wires[] = {
	&mlx5x_wire_dv,
	&mlx5x_wire_raw,
	&mlx5x_wire_uc,
	&mlx5x_wire_rc,
	&mlx5x_wire_iwarp,
};

static bool
is_called(const struct mlx5x_wire *wire, const char *name)
{
	return name[0] == '\0' || strcmp(wire->iwarp ? "rc" : wire->name, name) == 0;
}

const struct mlx5x_wire *
mlx5x_wires_choose(const struct mlx5x_port *port, const char *name)
{
	const bool iwarp = port->ctx->device->transport_type == IBV_TRANSPORT_IWARP;
	const char *why = iwarp ? "the transport is iWARP, which has wire=rc alone" :
		"there is no wire of that name";
	unsigned int i;

	for (i = 0; i < RTE_DIM(wires); i++) {
		if (wires[i]->iwarp != iwarp || !is_called(wires[i], name))
			continue;
		why = wires[i]->check(port);
		if (why == NULL)
			return wires[i];
	}
	MLX5X_LOG(ERR, "%s: no wire%s%s by %s: %s", port->dev->data->name, name[0] != '\0' ? "=" : "",
		name, port->found.rdma, why);
	return NULL;
}
