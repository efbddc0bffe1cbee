/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include <ethdev_driver.h>

#define LOG_COMPONENT "probe"
#include "common/counter.h"
#include "common/log.h"
#include "device/async.h"
#include "device/device.h"
#include "device/open.h"
#include "ethdev/lifecycle.h"
#include "ethdev/memory_events.h"
#include "queue/link.h"
#include "queue/pair.h"
#include "wire/wires.h"

/* The application's callback may close the port in either event. */
static void
handle_removal(struct mlx5x_port *port, const struct mlx5x_holder *holder)
{
	struct rte_eth_dev *dev = port->dev;

	mlx5x_pair_close_dead(port);
	mlx5x_link_changed(port);
	if (mlx5x_hold_has(holder) && dev->data->dev_conf.intr_conf.rmv)
		rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_INTR_RMV, NULL);
}

const struct mlx5x_async_handlers mlx5x_port_events = {
	.link_changed = mlx5x_link_changed,
	.died = handle_removal,
	.died_alone = mlx5x_device_leave,
};

/* By the device arguments, or the preferred wire; peer= is allowed on wires with a cable alone. */
static int
choose_wire(struct mlx5x_port *port)
{
	port->wire = mlx5x_wires_choose(port, port->devargs.wire);
	if (port->wire == NULL)
		return -ENOTSUP;
	if (!port->devargs.named_peer || port->wire->cable)
		return 0;
	MLX5X_LOG(ERR, "%s: peer= needs wire=uc or wire=rc, and wire=%s is the network of %s",
		port->dev->data->name, mlx5x_wire_devarg(port->wire), port->found.netdev);
	return -EINVAL;
}

/* Copies the fields that port and device have in common. */
static void
copy_device(struct mlx5x_port *port, struct mlx5x_device *device)
{
	port->device = device;
	port->found = device->found;
	port->caps = device->caps;
	port->ctx = device->ctx;
	port->pd = device->pd;
	port->mrs = device->mrs;
}

static int
configure(struct mlx5x_port *port, const char *devargs)
{
	int ret;

	ret = mlx5x_devargs_parse(port->dev->data->name, devargs, &port->devargs);
	mlx5x_mr_set_threads(port->mrs, port->devargs.mr_threads);
	port->device->implicit = port->devargs.implicit != MLX5X_IMPLICIT_NONE;
	port->implicit = (struct mlx5x_implicit){
		.name = port->dev->data->name,
		.mrs = port->mrs,
		.mode = port->devargs.implicit,
	};
	return ret == 0 ? choose_wire(port) : ret;
}

int
mlx5x_port_open(struct mlx5x_port *port, struct rte_eth_dev *dev, struct mlx5x_device *device,
	const char *devargs)
{
	int ret;

	port->dev = dev;
	copy_device(port, device);
	pthread_mutex_init(&port->lock, NULL);
	ret = configure(port, devargs);
	if (ret != 0)
		goto err_lock;
	ret = mlx5x_memory_events_start(port);
	if (ret != 0) {
		MLX5X_LOG(ERR, "%s: cannot register callbacks for EAL memory events: %s",
			device->name, strerror(-ret));
		goto err_lock;
	}
	return 0;

err_lock:
	pthread_mutex_destroy(&port->lock);
	return ret;
}

void
mlx5x_port_close(struct mlx5x_port *port)
{
	mlx5x_memory_events_stop(port);
	pthread_mutex_destroy(&port->lock);
}

void
mlx5x_port_publish(struct mlx5x_port *port)
{
	mlx5x_wires_add_port(port);
	if (mlx5x_device_attach(port->device, port, &port->hold, port->dev->data->port_id))
		mlx5x_flag_set(&port->dead, true);
	mlx5x_memory_events_cover_pools(port);
}

void
mlx5x_port_end(struct mlx5x_port *port)
{
	struct mlx5x_device *device = port->device;

	mlx5x_wires_remove_port(port);
	mlx5x_device_detach(device);
	mlx5x_link_settle(port);
	mlx5x_wires_end_port(port);
	mlx5x_port_close(port);
	mlx5x_device_detached(device);
	mlx5x_device_leave(device);
}
