/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <ethdev_driver.h>

#define LOG_COMPONENT "link"
#include "common/log.h"
#include "ethdev/link_ops.h"
#include "queue/link.h"
#include "queue/pair.h"
#include "queue/port.h"
#include "queue/wire.h"

int
mlx5x_link_begin(struct mlx5x_port *port, struct mlx5x_pair *pairs)
{
	int ret = 0;

	port->started = pairs;
	if (!port->set_down)
		ret = port->wire->up(port, pairs, mlx5x_pair_count(pairs));
	if (ret != 0)
		port->started = NULL;
	return ret;
}

void
mlx5x_link_end(struct mlx5x_port *port)
{
	if (!port->set_down)
		port->wire->down(port);
	port->started = NULL;
}

/* Bursts return 0 from here on; the rings stay as they are, as the device still knows the QPs. */
static void
close_pairs(struct mlx5x_port *port)
{
	uint16_t n = mlx5x_pair_count(port->started), i;

	pthread_mutex_lock(&port->lock);
	for (i = 0; i < n; i++)
		mlx5x_pair_close(&port->started[i]);
	pthread_mutex_unlock(&port->lock);
}

int
mlx5x_set_link_down(struct rte_eth_dev *dev)
{
	struct mlx5x_port *port = dev->data->dev_private;

	if (port->set_down)
		return 0;
	port->set_down = true;
	if (port->started == NULL)
		return 0;
	port->wire->down(port);
	close_pairs(port);
	/* The application's callback may close the port: last access to it. */
	mlx5x_link_changed(port);
	return 0;
}

/* As after a start: with filled rings, and nothing in flight. */
static int
prepare_pairs(struct mlx5x_port *port)
{
	uint16_t n = mlx5x_pair_count(port->started), i;
	int ret = 0;

	pthread_mutex_lock(&port->lock);
	for (i = 0; i < n && ret == 0; i++)
		ret = mlx5x_pair_disconnect(&port->started[i]);
	pthread_mutex_unlock(&port->lock);
	return ret;
}

int
mlx5x_set_link_up(struct rte_eth_dev *dev)
{
	struct mlx5x_port *port = dev->data->dev_private;
	int ret;

	if (!port->set_down)
		return 0;
	port->set_down = false;
	if (port->started == NULL)
		return 0;
	ret = prepare_pairs(port);
	if (ret == 0)
		ret = port->wire->up(port, port->started, mlx5x_pair_count(port->started));
	if (ret != 0) {
		port->set_down = true;
		MLX5X_LOG(ERR, "%s: cannot set the link up: %s", dev->data->name, strerror(-ret));
	}
	return ret;
}
