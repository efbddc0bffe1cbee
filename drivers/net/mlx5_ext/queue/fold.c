/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include <ethdev_driver.h>

#include "queue/fold.h"
#include "queue/pair.h"
#include "queue/rxq.h"
#include "queue/wire.h"

/* A new ring of the Rx queue, without slots in use. With others its share is half at most. */
static int
make_ring(struct mlx5x_rxq *owner, uint16_t index, struct mlx5x_rxq **ring)
{
	int ret;

	ret = mlx5x_rxq_add_ring(owner, index, RTE_MAX(owner->room / 2, MLX5X_FOLD_SLOTS), ring);
	if (ret == 0)
		ret = mlx5x_rxq_prepare(*ring);
	if (ret == 0)
		(*ring)->size = 0;
	return ret;
}

int
mlx5x_fold_create(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t index)
{
	const struct rte_eth_dev_data *data = port->dev->data;
	struct mlx5x_rxq *rxq = NULL;
	int ret = 0;

	if (index < data->nb_rx_queues)
		rxq = data->rx_queues[index];
	else if (port->wire->cable && data->nb_rx_queues != 0)
		ret = make_ring(data->rx_queues[index % data->nb_rx_queues], index, &rxq);
	if (ret == 0)
		ret = mlx5x_pair_create(&pairs[index], port, rxq,
			index < data->nb_tx_queues ? data->tx_queues[index] : NULL);
	if (ret != 0 && rxq != NULL && rxq->owner != NULL)
		mlx5x_rxq_drain(rxq);
	return ret;
}

/* The last first: the CQ of a further ring uses the channel of the queue's own. */
void
mlx5x_fold_destroy(struct mlx5x_pair *pairs)
{
	uint16_t i;

	for (i = MLX5X_PORT_PAIRS; i > 0; i--)
		mlx5x_pair_destroy(&pairs[i - 1]);
}

static int
add_pair(struct mlx5x_port *port)
{
	struct mlx5x_pair *pair = &port->pairs[port->nb_pairs];
	int ret;

	ret = mlx5x_fold_create(port, port->pairs, port->nb_pairs);
	if (ret != 0)
		return ret;
	pthread_mutex_lock(&port->lock);
	ret = mlx5x_pair_prepare(pair);
	if (ret == 0)
		port->nb_pairs++;
	pthread_mutex_unlock(&port->lock);
	if (ret != 0)
		mlx5x_pair_destroy(pair);
	return ret;
}

/* Slots of the ring of pair `index`, of a queue with that room. */
static uint32_t
share(const struct rte_eth_dev_data *data, uint16_t index, uint32_t room, uint16_t tx_there)
{
	uint16_t queue = index % data->nb_rx_queues, rings;

	if (index >= tx_there)
		return index == queue ? room : 0;
	rings = (tx_there - 1 - queue) / data->nb_rx_queues + 1;
	return RTE_MAX(room / rte_align32pow2(rings), MLX5X_FOLD_SLOTS);
}

/* Changes the rings that become longer, or those that become shorter. */
static int
divide(struct mlx5x_port *port, uint16_t tx_there, bool longer)
{
	const struct mlx5x_rxq *rxq;
	struct mlx5x_pair *pair;
	uint32_t size;
	uint16_t i;
	int ret = 0;

	for (i = 0; i < port->nb_pairs && ret == 0; i++) {
		pair = &port->pairs[i];
		rxq = pair->rxq;
		if (rxq == NULL)
			continue;
		size = share(port->dev->data, i, rxq->owner != NULL ? rxq->owner->room : rxq->room,
			tx_there);
		if (longer ? size > rxq->size : size < rxq->size)
			ret = mlx5x_pair_resize(pair, size);
	}
	return ret;
}

int
mlx5x_fold(struct mlx5x_port *port, uint16_t tx_there)
{
	uint16_t n = RTE_MAX(port->dev->data->nb_tx_queues, tx_there);
	int ret = 0;

	while (port->nb_pairs < n && ret == 0)
		ret = add_pair(port);
	pthread_mutex_lock(&port->lock);
	port->nb_joined = RTE_MIN(n, port->nb_pairs);
	/* The buffers of some are those of others. */
	if (ret == 0)
		ret = divide(port, tx_there, false);
	if (ret == 0)
		ret = divide(port, tx_there, true);
	pthread_mutex_unlock(&port->lock);
	return ret;
}
