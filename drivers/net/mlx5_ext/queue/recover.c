/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <ethdev_driver.h>

#define LOG_COMPONENT "recover"
#include "common/log.h"
#include "queue/pair.h"
#include "queue/recover.h"

static_assert(MLX5X_PORT_PAIRS <= 64, "a bit for each pair");

static int
recover_pair(struct mlx5x_port *port, uint16_t index)
{
	struct mlx5x_pair *pair;
	int ret = 0;

	if (pthread_mutex_trylock(&port->lock) != 0)
		return 0;
	pair = index < port->nb_pairs ? &port->pairs[index] : NULL;
	if (pair != NULL && pair->state == MLX5X_PAIR_RUNNING)
		ret = mlx5x_pair_recover(pair);
	pthread_mutex_unlock(&port->lock);
	return ret;
}

static uint64_t
marked_pairs(struct mlx5x_port *port)
{
	const struct mlx5x_pair *pair;
	uint64_t marked = 0;
	uint16_t i;

	if (pthread_mutex_trylock(&port->lock) != 0)
		return 0;
	for (i = 0; i < port->nb_pairs; i++) {
		pair = &port->pairs[i];
		if (pair->state == MLX5X_PAIR_RUNNING && mlx5x_pair_is_failed(pair))
			marked |= UINT64_C(1) << i;
	}
	pthread_mutex_unlock(&port->lock);
	return marked;
}

void
mlx5x_recover_alone(struct mlx5x_port *port, uint16_t index)
{
	int ret = recover_pair(port, index);

	if (ret != 0)
		MLX5X_LOG(ERR, "%s: queue %u cannot be recovered (%s): stop and start the port",
			port->dev->data->name, index, strerror(-ret));
}

void
mlx5x_recover(struct mlx5x_port *port, uint16_t index)
{
	port->wire->recover(port, index);
}

bool
mlx5x_recover_marked(struct mlx5x_port *port)
{
	uint64_t marked = marked_pairs(port);
	uint16_t i;

	for (i = 0; i < MLX5X_PORT_PAIRS; i++)
		if (marked & UINT64_C(1) << i)
			mlx5x_recover(port, i);
	return marked != 0;
}
