/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <rte_interrupts.h>

#define LOG_COMPONENT "async"
#include "common/counter.h"
#include "common/log.h"
#include "common/verbs.h"
#include "device/async.h"
#include "device/device.h"
#include "device/netdev.h"
#include "device/netwatch.h"

/* Serial of the device whose event is being handled; 0: none. Only of EAL's interrupt thread. */
static uintptr_t handled;

static void on_readable(void *arg);

/* The netdev is gone, and the rdma device with it. */
static bool
has_lost_netdev(const struct mlx5x_device *device)
{
	return device->netwatch >= 0 && mlx5x_netwatch_is_gone(device->netwatch, device->netdev);
}

/*
 * Logs an event of the device, which the caller holds, and marks a dead device; lost: its netdev is
 * gone.
 */
static void
note(struct mlx5x_device *device, enum ibv_event_type type, bool lost)
{
	/* QP errors need no action here: recovery starts from their CQEs. */
	MLX5X_LOG(DEBUG, "%s: %s", device->name, ibv_event_type_str(type));
	if (type != IBV_EVENT_DEVICE_FATAL)
		return;
	MLX5X_LOG(ERR, "%s: %s%s%s: detach the port", device->name,
		lost ? "the kernel has removed the netdev " : "the rdma device ",
		lost ? device->found.netdev : device->found.rdma,
		lost ? ", and waits for the end of its rdma device" : " is dead");
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
	enum ibv_event_type type = IBV_EVENT_DEVICE_FATAL;
	struct mlx5x_port *port;
	bool lost;

	if (device == NULL)
		return false;
	lost = has_lost_netdev(device);
	if (!lost && mlx5x_verbs_next_event(device->ctx, &type) != 0) {
		mlx5x_hold_let_go(&holder);
		return false;
	}
	note(device, type, lost);
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

static void
unwatch_netdev(struct mlx5x_device *device)
{
	if (device->async_set >= 0)
		close(device->async_set);
	if (device->netwatch >= 0)
		close(device->netwatch);
	device->async_set = device->netwatch = -1;
}

/* Into one set with the events of the rdma device, so that one handler has them in order. */
static int
watch_netdev(struct mlx5x_device *device)
{
	struct epoll_event event = {.events = EPOLLIN};
	int ret;

	ret = mlx5x_netwatch_open(&device->netwatch);
	if (ret != 0)
		return ret;
	/* Afterwards, so that no removal is missed. */
	device->netdev = mlx5x_netdev_index(device->found.netdev);
	if (device->netdev == 0) {
		unwatch_netdev(device);
		return -ENODEV;
	}
	device->async_set = epoll_create1(EPOLL_CLOEXEC);
	if (device->async_set >= 0 &&
	    epoll_ctl(device->async_set, EPOLL_CTL_ADD, device->netwatch, &event) == 0 &&
	    epoll_ctl(device->async_set, EPOLL_CTL_ADD, device->ctx->async_fd, &event) == 0)
		return 0;
	ret = -errno;
	unwatch_netdev(device);
	return ret;
}

static int
register_handler(struct mlx5x_device *device)
{
	int ret;

	device->async = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
	if (device->async == NULL)
		return -ENOMEM;
	rte_intr_fd_set(device->async,
		device->async_set >= 0 ? device->async_set : device->ctx->async_fd);
	rte_intr_type_set(device->async, RTE_INTR_HANDLE_EXT);
	ret = rte_intr_callback_register(device->async, on_readable, (void *)device->serial);
	if (ret < 0) {
		rte_intr_instance_free(device->async);
		device->async = NULL;
		return ret;
	}
	return 0;
}

int
mlx5x_async_start(struct mlx5x_device *device, const struct mlx5x_async_handlers *handlers)
{
	int ret = 0;

	device->handlers = handlers;
	device->async_set = device->netwatch = -1;
	if (device->found.software)
		ret = watch_netdev(device);
	if (ret == 0)
		ret = register_handler(device);
	if (ret != 0)
		unwatch_netdev(device);
	return ret;
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
	unwatch_netdev(device);
}
