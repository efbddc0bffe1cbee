/* SPDX-License-Identifier: BSD-3-Clause */
#include <stddef.h>
#include <string.h>

#include <ethdev_driver.h>
#include <rte_common.h>

#define LOG_COMPONENT "wire"
#include "common/log.h"
#include "queue/port.h"
#include "wire/wires.h"

/* By preference. */
static const struct mlx5x_wire *const wires_raw[] = {&mlx5x_wire_dv, &mlx5x_wire_raw, NULL};

static bool
is_called(const struct mlx5x_wire *wire, const char *name)
{
	return name[0] == '\0' || strcmp(mlx5x_wire_devarg(wire), name) == 0;
}

/* The first matching wire that the device supports; NULL: none, *why is the reason of the last. */
static const struct mlx5x_wire *
find(const struct mlx5x_wire *const *list, const struct mlx5x_port *port, const char *name,
	const char **why)
{
	const bool iwarp = port->ctx->device->transport_type == IBV_TRANSPORT_IWARP;

	for (; *list != NULL; list++) {
		if ((*list)->iwarp != iwarp || !is_called(*list, name))
			continue;
		*why = (*list)->check(port);
		if (*why == NULL)
			return *list;
	}
	return NULL;
}

static const struct mlx5x_wire *
find_name(const struct mlx5x_wire *const *list, const char *name)
{
	while (*list != NULL && strcmp((*list)->name, name) != 0)
		list++;
	return *list;
}

const struct mlx5x_wire *
mlx5x_wires_named(const char *name)
{
	const struct mlx5x_wire *wire = find_name(wires_raw, name);

	return wire != NULL ? wire : find_name(mlx5x_wires_soft, name);
}

const struct mlx5x_wire *
mlx5x_wires_choose(const struct mlx5x_port *port, const char *name)
{
	const bool iwarp = port->ctx->device->transport_type == IBV_TRANSPORT_IWARP;
	const char *why = !iwarp ? "this driver has no wire of that name" :
		mlx5x_wires_soft[0] == NULL ?
			"the transport is iWARP, and the driver is built without it" :
		"the transport is iWARP, which supports only wire=rc";
	const struct mlx5x_wire *wire = find(wires_raw, port, name, &why);

	if (wire == NULL)
		wire = find(mlx5x_wires_soft, port, name, &why);
	if (wire == NULL)
		MLX5X_LOG(ERR, "%s: no wire%s%s by %s: %s", port->dev->data->name,
			name[0] != '\0' ? "=" : "", name, port->found.rdma, why);
	return wire;
}
