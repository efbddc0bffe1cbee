/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>

#include "common/counter.h"
#include "device/device.h"

/* In the order of their serials. */
static TAILQ_HEAD(, mlx5x_device) devices = TAILQ_HEAD_INITIALIZER(devices);
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;	/* a state from LEAVING to LEFT */
static uintptr_t last_serial;

/* Under the lock. */
static struct mlx5x_device *
find_at(const struct rte_pci_addr *addr)
{
	struct mlx5x_device *device;

	/* rte_pci_addr_cmp() is a call, of 36 instructions. */
	TAILQ_FOREACH(device, &devices, next)
		if (device->addr.domain == addr->domain && device->addr.bus == addr->bus &&
		    device->addr.devid == addr->devid && device->addr.function == addr->function)
			return device;
	return NULL;
}

void
mlx5x_device_add(struct mlx5x_device *device)
{
	pthread_mutex_lock(&mlx5x_hold_lock);
	device->serial = ++last_serial;
	TAILQ_INSERT_TAIL(&devices, device, next);
	pthread_mutex_unlock(&mlx5x_hold_lock);
}

enum mlx5x_device_state
mlx5x_device_remove(struct mlx5x_device *device)
{
	enum mlx5x_device_state state;

	pthread_mutex_lock(&mlx5x_hold_lock);
	TAILQ_REMOVE(&devices, device, next);
	while (device->state == MLX5X_DEVICE_LEAVING)
		pthread_cond_wait(&changed, &mlx5x_hold_lock);
	state = device->state;
	device->state = MLX5X_DEVICE_ENDING;
	pthread_mutex_unlock(&mlx5x_hold_lock);
	return state;
}

bool
mlx5x_device_attach(struct mlx5x_device *device, struct mlx5x_port *port, struct mlx5x_hold *hold,
	uint16_t port_id)
{
	bool dead;

	pthread_mutex_lock(&mlx5x_hold_lock);
	device->port = port;
	device->port_hold = hold;
	device->port_id = port_id;
	device->state = MLX5X_DEVICE_ATTACHED;
	dead = mlx5x_flag_read(&device->dead);
	pthread_mutex_unlock(&mlx5x_hold_lock);
	return dead;
}

void
mlx5x_device_detach(struct mlx5x_device *device)
{
	struct mlx5x_hold *hold;

	pthread_mutex_lock(&mlx5x_hold_lock);
	hold = device->port_hold;
	device->port = NULL;
	device->port_hold = NULL;
	device->state = MLX5X_DEVICE_CLOSING;
	pthread_mutex_unlock(&mlx5x_hold_lock);
	mlx5x_hold_end(hold);
}

void
mlx5x_device_detached(struct mlx5x_device *device)
{
	pthread_mutex_lock(&mlx5x_hold_lock);
	device->state = MLX5X_DEVICE_DETACHED;
	pthread_mutex_unlock(&mlx5x_hold_lock);
}

bool
mlx5x_device_begin_leaving(struct mlx5x_device *device)
{
	bool leaves;

	pthread_mutex_lock(&mlx5x_hold_lock);
	leaves = mlx5x_flag_read(&device->dead) && device->state == MLX5X_DEVICE_DETACHED;
	if (leaves)
		device->state = MLX5X_DEVICE_LEAVING;
	pthread_mutex_unlock(&mlx5x_hold_lock);
	return leaves;
}

void
mlx5x_device_done_leaving(struct mlx5x_device *device)
{
	pthread_mutex_lock(&mlx5x_hold_lock);
	device->state = MLX5X_DEVICE_LEFT;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mlx5x_hold_lock);
}

int
mlx5x_device_find(const struct rte_pci_addr *addr, struct mlx5x_holder *holder,
	struct mlx5x_device **device)
{
	int ret = -ENOENT;

	pthread_mutex_lock(&mlx5x_hold_lock);
	*device = find_at(addr);
	if (*device != NULL)
		ret = mlx5x_hold_take_locked(&(*device)->hold, holder) ? 0 : -EIO;
	pthread_mutex_unlock(&mlx5x_hold_lock);
	return ret;
}

struct mlx5x_device *
mlx5x_device_numbered(uintptr_t serial, struct mlx5x_holder *holder)
{
	struct mlx5x_device *device;

	pthread_mutex_lock(&mlx5x_hold_lock);
	TAILQ_FOREACH(device, &devices, next)
		if (device->serial == serial)
			break;
	if (device != NULL && !mlx5x_hold_take_locked(&device->hold, holder))
		device = NULL;
	pthread_mutex_unlock(&mlx5x_hold_lock);
	return device;
}

struct mlx5x_device *
mlx5x_device_of_port(uint16_t port_id, struct mlx5x_holder *holder)
{
	struct mlx5x_device *device;

	pthread_mutex_lock(&mlx5x_hold_lock);
	TAILQ_FOREACH(device, &devices, next)
		if (device->port != NULL && device->port_id == port_id)
			break;
	if (device != NULL && !mlx5x_hold_take_locked(&device->hold, holder))
		device = NULL;
	pthread_mutex_unlock(&mlx5x_hold_lock);
	return device;
}

struct mlx5x_port *
mlx5x_device_port(struct mlx5x_device *device, struct mlx5x_holder *holder)
{
	struct mlx5x_port *port;

	pthread_mutex_lock(&mlx5x_hold_lock);
	port = device->port;
	if (port != NULL && !mlx5x_hold_take_locked(device->port_hold, holder))
		port = NULL;
	pthread_mutex_unlock(&mlx5x_hold_lock);
	return port;
}

struct mlx5x_port *
mlx5x_device_next_port(uintptr_t *serial, struct mlx5x_holder *holder)
{
	struct mlx5x_device *device;
	struct mlx5x_port *port = NULL;

	pthread_mutex_lock(&mlx5x_hold_lock);
	TAILQ_FOREACH(device, &devices, next) {
		if (device->serial <= *serial || device->port == NULL)
			continue;
		*serial = device->serial;
		if (mlx5x_hold_take_locked(device->port_hold, holder)) {
			port = device->port;
			break;
		}
	}
	pthread_mutex_unlock(&mlx5x_hold_lock);
	return port;
}

struct mlx5x_device *
mlx5x_device_at(const struct rte_pci_addr *addr)
{
	struct mlx5x_device *device;

	pthread_mutex_lock(&mlx5x_hold_lock);
	device = find_at(addr);
	pthread_mutex_unlock(&mlx5x_hold_lock);
	return device;
}

unsigned int
mlx5x_device_list_ports(uint16_t *port_ids, unsigned int n)
{
	struct mlx5x_device *device;
	unsigned int count = 0;

	pthread_mutex_lock(&mlx5x_hold_lock);
	TAILQ_FOREACH(device, &devices, next)
		if (device->port != NULL && count < n)
			port_ids[count++] = device->port_id;
	pthread_mutex_unlock(&mlx5x_hold_lock);
	return count;
}
