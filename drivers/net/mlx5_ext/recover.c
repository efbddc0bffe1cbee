/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <ethdev_driver.h>

#define LOG_ROOM "recover"
#include "log.h"
#include "peer.h"
#include "queue.h"
#include "recover.h"

/* One end is enough. */
static int
recover_alone(struct mlx5x_port *port, uint16_t index)
{
	struct mlx5x_pair *pair;
	int ret = 0;

	if (pthread_mutex_trylock(&port->lock) != 0)
		return 0;
	pair = index < port->nb_pairs ? &port->pairs[index] : NULL;
	if (pair != NULL && pair->state == MLX5X_PAIR_JOINED)
		ret = mlx5x_pair_recover(pair);
	pthread_mutex_unlock(&port->lock);
	return ret;
}

void
mlx5x_recover(struct mlx5x_port *port, uint16_t index)
{
	int ret;

	ret = port->wire->mutual ? mlx5x_peer_recover(port, index) : recover_alone(port, index);
	if (ret != 0)
		MLX5X_LOG(ERR, "%s: queue %u cannot be brought back (%s): stop and start the port",
			port->dev->data->name, index, strerror(-ret));
}
