/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include <ethdev_driver.h>
#include <rte_interrupts.h>

#define LOG_ROOM "async"
#include "async.h"
#include "cable.h"
#include "counter.h"
#include "link.h"
#include "log.h"
#include "port.h"
#include "verbs.h"

static void on_readable(void *arg);

/* The port may be closed by the application's callback, so this is the last that is done with it. */
static void
lose_device(struct mlx5x_port *port)
{
	struct rte_eth_dev *dev = port->dev;

	MLX5X_LOG(ERR, "%s: the rdma device %s is dead: detach the port", dev->data->name,
		port->found.rdma);
	mlx5x_cable_die(port);
	/* The descriptor of a device that is gone is readable for ever. */
	rte_intr_callback_unregister_pending(port->async, on_readable, port, NULL);
	mlx5x_link_changed(port);
	if (dev->data->dev_conf.intr_conf.rmv)
		rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_INTR_RMV, NULL);
}

static void
handle(struct mlx5x_port *port, enum ibv_event_type type)
{
	if (type == IBV_EVENT_PORT_ACTIVE || type == IBV_EVENT_PORT_ERR)
		mlx5x_link_changed(port);
	else
		/* A QP's error also shows in its completions, where recovery begins. */
		MLX5X_LOG(DEBUG, "%s: %s", port->dev->data->name, ibv_event_type_str(type));
}

static void
on_readable(void *arg)
{
	struct mlx5x_port *port = arg;
	enum ibv_event_type type;

	while (mlx5x_verbs_next_event(port->ctx, &type) == 0) {
		if (type == IBV_EVENT_DEVICE_FATAL) {
			lose_device(port);
			return;
		}
		handle(port, type);
	}
}

int
mlx5x_async_start(struct mlx5x_port *port)
{
	int ret;

	port->async = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
	if (port->async == NULL)
		return -ENOMEM;
	rte_intr_fd_set(port->async, port->ctx->async_fd);
	rte_intr_type_set(port->async, RTE_INTR_HANDLE_EXT);
	ret = rte_intr_callback_register(port->async, on_readable, port);
	if (ret < 0) {
		rte_intr_instance_free(port->async);
		port->async = NULL;
		return ret;
	}
	return 0;
}

void
mlx5x_async_stop(struct mlx5x_port *port)
{
	if (port->async == NULL)
		return;
	/* In a callback of a dead device, where it would wait for itself, it is unregistered already. */
	if (!mlx5x_flag_read(&port->dead) || !rte_thread_is_intr())
		rte_intr_callback_unregister_sync(port->async, on_readable, port);
	rte_intr_instance_free(port->async);
	port->async = NULL;
}
