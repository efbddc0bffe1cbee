/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>
#include <ethdev_driver.h>

#define LOG_ROOM "device"
#include "common/counter.h"
#include "common/log.h"
#include "common/verbs.h"
#include "device/async.h"
#include "device/device.h"
#include "queue/port.h"

/* By serial, which grows. */
static TAILQ_HEAD(, mlx5x_device) devices = TAILQ_HEAD_INITIALIZER(devices);
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;	/* a state that was LEAVING */
static uintptr_t last_serial;

/* Under the lock. */
static struct mlx5x_device *
find_at(const struct rte_pci_addr *addr)
{
	struct mlx5x_device *device;

	TAILQ_FOREACH(device, &devices, next)
		if (rte_pci_addr_cmp(&device->addr, addr) == 0)
			return device;
	return NULL;
}

static void
enlist(struct mlx5x_device *device)
{
	pthread_mutex_lock(&lock);
	device->serial = ++last_serial;
	TAILQ_INSERT_TAIL(&devices, device, next);
	pthread_mutex_unlock(&lock);
}

/* The state that it was in when nobody was changing it. */
static enum mlx5x_device_state
unlist(struct mlx5x_device *device)
{
	enum mlx5x_device_state state;

	pthread_mutex_lock(&lock);
	TAILQ_REMOVE(&devices, device, next);
	while (device->state == MLX5X_DEVICE_LEAVING)
		pthread_cond_wait(&changed, &lock);
	state = device->state;
	device->state = MLX5X_DEVICE_ENDING;
	pthread_mutex_unlock(&lock);
	return state;
}

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

/* What there is of the rdma device. */
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

/* Nobody uses them any more. */
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
open_device(struct mlx5x_device *device)
{
	const char *name = device->name;
	int ret;

	ret = mlx5x_discover(name, &device->found);
	if (ret != 0)
		return refuse(name, "no rdma device belongs to it any more (rdma link show)", ret);
	ret = open_verbs(device);
	if (ret != 0) {
		MLX5X_LOG(ERR, "%s: cannot use the verbs of %s: %s", name, device->found.rdma,
			strerror(-ret));
		return ret;
	}
	enlist(device);
	ret = mlx5x_async_start(device);
	if (ret == 0)
		return 0;
	unlist(device);
	mlx5x_hold_end(&device->hold);
	close_verbs(device);
	return refuse(name, "cannot follow the events of its rdma device", ret);
}

int
mlx5x_device_open(const struct rte_pci_addr *addr, const char *name, struct mlx5x_device **device)
{
	int ret;

	if (mlx5x_device_at(addr) != NULL)
		return refuse(name, "it was probed before, and not removed: detach it first", -EEXIST);
	*device = calloc(1, sizeof(**device));
	if (*device == NULL)
		return refuse(name, "cannot be opened", -ENOMEM);
	(*device)->addr = *addr;
	strlcpy((*device)->name, name, sizeof((*device)->name));
	ret = open_device(*device);
	if (ret != 0)
		free(*device);
	return ret;
}

/* Of the one state that it is in. */
static void
let_go_of_verbs(struct mlx5x_device *device)
{
	mlx5x_hold_end(&device->hold);
	mlx5x_async_stop(device);
	close_verbs(device);
}

void
mlx5x_device_close(struct mlx5x_device *device)
{
	if (unlist(device) != MLX5X_DEVICE_LEFT)
		let_go_of_verbs(device);
	free(device);
}

void
mlx5x_device_attach(struct mlx5x_port *port)
{
	struct mlx5x_device *device = port->device;

	pthread_mutex_lock(&lock);
	device->port = port;
	device->state = MLX5X_DEVICE_ATTACHED;
	/* Whoever saw it die before this looked for a port in vain. */
	if (mlx5x_flag_read(&device->dead))
		mlx5x_flag_set(&port->dead, true);
	pthread_mutex_unlock(&lock);
}

void
mlx5x_device_detach(struct mlx5x_port *port)
{
	struct mlx5x_device *device = port->device;

	pthread_mutex_lock(&lock);
	device->port = NULL;
	device->state = MLX5X_DEVICE_DETACHED;
	pthread_mutex_unlock(&lock);
	mlx5x_hold_end(&port->hold);
}

void
mlx5x_device_leave(struct mlx5x_device *device)
{
	bool leaves;

	pthread_mutex_lock(&lock);
	leaves = mlx5x_flag_read(&device->dead) && device->state == MLX5X_DEVICE_DETACHED;
	if (leaves)
		device->state = MLX5X_DEVICE_LEAVING;
	pthread_mutex_unlock(&lock);
	if (!leaves)
		return;
	let_go_of_verbs(device);
	pthread_mutex_lock(&lock);
	device->state = MLX5X_DEVICE_LEFT;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

int
mlx5x_device_find(const struct rte_pci_addr *addr, struct mlx5x_holder *holder,
	struct mlx5x_device **device)
{
	int ret = -ENOENT;

	pthread_mutex_lock(&lock);
	*device = find_at(addr);
	if (*device != NULL)
		ret = mlx5x_hold_take(&(*device)->hold, holder) ? 0 : -EIO;
	pthread_mutex_unlock(&lock);
	return ret;
}

struct mlx5x_device *
mlx5x_device_numbered(uintptr_t serial, struct mlx5x_holder *holder)
{
	struct mlx5x_device *device;

	pthread_mutex_lock(&lock);
	TAILQ_FOREACH(device, &devices, next)
		if (device->serial == serial)
			break;
	if (device != NULL && !mlx5x_hold_take(&device->hold, holder))
		device = NULL;
	pthread_mutex_unlock(&lock);
	return device;
}

struct mlx5x_device *
mlx5x_device_of_port(uint16_t port_id, struct mlx5x_holder *holder)
{
	struct mlx5x_device *device;

	pthread_mutex_lock(&lock);
	TAILQ_FOREACH(device, &devices, next)
		if (device->port != NULL && device->port->dev->data->port_id == port_id)
			break;
	if (device != NULL && !mlx5x_hold_take(&device->hold, holder))
		device = NULL;
	pthread_mutex_unlock(&lock);
	return device;
}

struct mlx5x_port *
mlx5x_device_port(struct mlx5x_device *device, struct mlx5x_holder *holder)
{
	struct mlx5x_port *port;

	pthread_mutex_lock(&lock);
	port = device->port;
	if (port != NULL && !mlx5x_hold_take(&port->hold, holder))
		port = NULL;
	pthread_mutex_unlock(&lock);
	return port;
}

struct mlx5x_port *
mlx5x_device_next_port(uintptr_t *serial, struct mlx5x_holder *holder)
{
	struct mlx5x_device *device;
	struct mlx5x_port *port = NULL;

	pthread_mutex_lock(&lock);
	TAILQ_FOREACH(device, &devices, next) {
		if (device->serial <= *serial || device->port == NULL)
			continue;
		*serial = device->serial;
		if (mlx5x_hold_take(&device->port->hold, holder)) {
			port = device->port;
			break;
		}
	}
	pthread_mutex_unlock(&lock);
	return port;
}

struct mlx5x_device *
mlx5x_device_at(const struct rte_pci_addr *addr)
{
	struct mlx5x_device *device;

	pthread_mutex_lock(&lock);
	device = find_at(addr);
	pthread_mutex_unlock(&lock);
	return device;
}

unsigned int
mlx5x_device_list_ports(uint16_t *port_ids, unsigned int n)
{
	struct mlx5x_device *device;
	unsigned int count = 0;

	pthread_mutex_lock(&lock);
	TAILQ_FOREACH(device, &devices, next)
		if (device->port != NULL && count < n)
			port_ids[count++] = device->port->dev->data->port_id;
	pthread_mutex_unlock(&lock);
	return count;
}
