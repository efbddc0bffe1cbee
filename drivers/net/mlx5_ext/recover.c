/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#define LOG_ROOM "recover"
#include "counter.h"
#include "log.h"
#include "queue.h"
#include "recover.h"
#include "rxq.h"
#include "txq.h"

static bool
is_failed(const struct mlx5x_pair *pair)
{
	return (pair->rxq != NULL && mlx5x_flag_read(&pair->rxq->failed)) ||
		(pair->txq != NULL && mlx5x_flag_read(&pair->txq->failed));
}

/* Under the lock. 0 or -errno. */
static int
cycle(struct mlx5x_pair *pair)
{
	struct mlx5x_remote remote = pair->remote;
	int ret;

	ret = mlx5x_pair_unjoin(pair);
	if (ret != 0)
		return ret;
	if (pair->rxq != NULL)
		mlx5x_flag_set(&pair->rxq->failed, false);
	if (pair->txq != NULL) {
		mlx5x_flag_set(&pair->txq->failed, false);
		mlx5x_counter_add(&pair->txq->recoveries, 1);
	}
	return mlx5x_pair_join(pair, &remote, pair->txq != NULL ? pair->txq->max_frame : 0);
}

void
mlx5x_recover(struct mlx5x_port *port, uint16_t index)
{
	struct mlx5x_pair *pair;
	int ret = 0;

	if (pthread_mutex_trylock(&port->mrs.lock) != 0)
		return;
	pair = index < port->nb_pairs ? &port->pairs[index] : NULL;
	/* The other queue of the pair may have done it already. */
	if (pair != NULL && pair->state == MLX5X_PAIR_JOINED && is_failed(pair))
		ret = cycle(pair);
	pthread_mutex_unlock(&port->mrs.lock);
	if (ret != 0)
		MLX5X_LOG(ERR, "%s: queue %u cannot be brought back (%s): stop and start the port",
			port->dev->data->name, index, strerror(-ret));
}
