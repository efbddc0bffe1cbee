/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#define LOG_COMPONENT "device"
#include "common/log.h"
#include "common/verbs.h"
#include "device/async.h"
#include "device/device.h"
#include "device/open.h"
#include "mr/mr.h"

static int
create_table(struct mlx5x_device *device)
{
	struct mlx5x_mr_table *table = calloc(1, sizeof(*table));
	int ret = -ENOMEM;

	if (table != NULL)
		ret = mlx5x_mr_init(table, device->pd, device->caps.max_mr_size);
	if (ret != 0) {
		free(table);
		return ret;
	}
	device->mrs = table;
	return 0;
}

static void
destroy_table(struct mlx5x_device *device)
{
	mlx5x_mr_fini(device->mrs);
	free(device->mrs);
	device->mrs = NULL;
}

/* Opens the rdma device, its PD and its table of regions. */
static int
open_verbs(struct mlx5x_device *device)
{
	int ret;

	ret = mlx5x_verbs_open(device->found.rdma, &device->ctx);
	if (ret != 0)
		return ret;
	ret = mlx5x_caps_query(device->ctx, device->found.netdev, &device->caps);
	if (ret != 0)
		goto err_close;
	ret = mlx5x_verbs_alloc_pd(device->ctx, &device->pd);
	if (ret != 0)
		goto err_close;
	ret = create_table(device);
	if (ret != 0)
		goto err_dealloc_pd;
	return 0;

err_dealloc_pd:
	mlx5x_verbs_dealloc_pd(device->pd);
err_close:
	mlx5x_verbs_close(device->ctx);
	return ret;
}

/* Requires that nobody uses them any more. */
static void
close_verbs(struct mlx5x_device *device)
{
	destroy_table(device);
	mlx5x_verbs_dealloc_pd(device->pd);
	mlx5x_verbs_close(device->ctx);
	device->pd = NULL;
	device->ctx = NULL;
}

static int
refuse(const char *name, const char *why, int ret)
{
	MLX5X_LOG(ERR, "%s: %s: %s", name, why, strerror(-ret));
	return ret;
}

static int
open_device(struct mlx5x_device *device, const struct mlx5x_async_handlers *handlers)
{
	const char *name = device->name;
	int ret;

	ret = mlx5x_discover(name, &device->found);
	if (ret != 0)
		return refuse(name, "its rdma device is gone (see: rdma link show)", ret);
	ret = open_verbs(device);
	if (ret != 0) {
		MLX5X_LOG(ERR, "%s: cannot open the rdma device %s: %s", name, device->found.rdma,
			strerror(-ret));
		return ret;
	}
	mlx5x_device_add(device);
	ret = mlx5x_async_start(device, handlers);
	if (ret == 0)
		return 0;
	mlx5x_device_remove(device);
	mlx5x_hold_end(&device->hold);
	close_verbs(device);
	return refuse(name, "cannot receive the events of its rdma device", ret);
}

int
mlx5x_device_open(const struct rte_pci_addr *addr, const char *name,
	const struct mlx5x_async_handlers *handlers, struct mlx5x_device **device)
{
	int ret;

	if (mlx5x_device_at(addr) != NULL)
		return refuse(name, "already probed and not removed; detach it first", -EEXIST);
	*device = calloc(1, sizeof(**device));
	if (*device == NULL)
		return refuse(name, "cannot allocate the device", -ENOMEM);
	(*device)->addr = *addr;
	strlcpy((*device)->name, name, sizeof((*device)->name));
	ret = open_device(*device, handlers);
	if (ret != 0)
		free(*device);
	return ret;
}

/* Once per device, by the thread that has set its state to ENDING or LEAVING. */
static void
stop_and_close_verbs(struct mlx5x_device *device)
{
	mlx5x_hold_end(&device->hold);
	mlx5x_async_stop(device);
	close_verbs(device);
}

void
mlx5x_device_close(struct mlx5x_device *device)
{
	if (mlx5x_device_remove(device) != MLX5X_DEVICE_LEFT)
		stop_and_close_verbs(device);
	free(device);
}

void
mlx5x_device_leave(struct mlx5x_device *device)
{
	if (!mlx5x_device_begin_leaving(device))
		return;
	stop_and_close_verbs(device);
	mlx5x_device_done_leaving(device);
}
