/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include <rte_interrupts.h>

#define LOG_COMPONENT "async"
#include "common/counter.h"
#include "common/log.h"
#include "common/verbs.h"
#include "device/async.h"
#include "device/device.h"

/* Serial of the device whose event is being handled; 0: none. Only of EAL's interrupt thread. */
static uintptr_t handled;

static void on_readable(void *arg);

/* Logs an event of the device, which the caller holds, and marks a dead device. */
static void
note(struct mlx5x_device *device, enum ibv_event_type type)
{
	/* QP errors need no action here: recovery starts from their CQEs. */
	MLX5X_LOG(DEBUG, "%s: %s", device->name, ibv_event_type_str(type));
	if (type != IBV_EVENT_DEVICE_FATAL)
		return;
	MLX5X_LOG(ERR, "%s: the rdma device %s is dead: detach the port", device->name,
		device->found.rdma);
	mlx5x_flag_set(&device->dead, true);
	/* The descriptor of a removed device stays readable for ever. */
	rte_intr_callback_unregister_pending(device->async, on_readable,
		(void *)device->serial, NULL);
}

/* True if more events may be pending. The device is not held during the application's callback. */
static bool
handle_one(uintptr_t serial)
{
	struct mlx5x_holder holder, port_holder;
	struct mlx5x_device *device = mlx5x_device_numbered(serial, &holder);
	const struct mlx5x_async_handlers *handlers;
	enum ibv_event_type type;
	struct mlx5x_port *port;

	if (device == NULL)
		return false;
	if (mlx5x_verbs_next_event(device->ctx, &type) != 0) {
		mlx5x_hold_let_go(&holder);
		return false;
	}
	note(device, type);
	handlers = device->handlers;
	port = mlx5x_device_port(device, &port_holder);
	if (port == NULL && type == IBV_EVENT_DEVICE_FATAL)
		handlers->died_alone(device);
	mlx5x_hold_let_go(&holder);
	if (port == NULL)
		return type != IBV_EVENT_DEVICE_FATAL;
	if (type == IBV_EVENT_DEVICE_FATAL)
		handlers->died(port, &port_holder);
	else if (type == IBV_EVENT_PORT_ACTIVE || type == IBV_EVENT_PORT_ERR)
		handlers->link_changed(port);
	mlx5x_hold_let_go(&port_holder);
	return type != IBV_EVENT_DEVICE_FATAL;
}

static void
on_readable(void *arg)
{
	handled = (uintptr_t)arg;
	while (handle_one((uintptr_t)arg))
		;
	handled = 0;
}

int
mlx5x_async_start(struct mlx5x_device *device, const struct mlx5x_async_handlers *handlers)
{
	int ret;

	device->handlers = handlers;
	device->async = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
	if (device->async == NULL)
		return -ENOMEM;
	rte_intr_fd_set(device->async, device->ctx->async_fd);
	rte_intr_type_set(device->async, RTE_INTR_HANDLE_EXT);
	ret = rte_intr_callback_register(device->async, on_readable, (void *)device->serial);
	if (ret < 0) {
		rte_intr_instance_free(device->async);
		device->async = NULL;
		return ret;
	}
	return 0;
}

void
mlx5x_async_stop(struct mlx5x_device *device)
{
	void *arg = (void *)device->serial;

	/* Inside the handler of its own event it would wait for itself. */
	if (rte_thread_is_intr() && handled == device->serial)
		rte_intr_callback_unregister_pending(device->async, on_readable, arg, NULL);
	else
		rte_intr_callback_unregister_sync(device->async, on_readable, arg);
	rte_intr_instance_free(device->async);
	device->async = NULL;
}
