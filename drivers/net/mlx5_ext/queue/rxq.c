/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>

#include <rte_malloc.h>

#define LOG_COMPONENT "rxq"
#include "common/counter.h"
#include "common/log.h"
#include "common/reason.h"
#include "mr/implicit.h"
#include "queue/rx_pool.h"
#include "queue/rxq.h"
#include "queue/wire.h"

/* The device owns a buffer from its entry into the ring until a burst returns it. */
static bool
owns(struct mlx5x_mr_user *user, const struct mlx5x_range *range)
{
	struct mlx5x_rxq *rxq = container_of(user, struct mlx5x_rxq, user);
	uint32_t i;

	if (rxq->elts == NULL)
		return false;
	for (i = 0; i < rxq->room * rxq->nb_sge; i++)
		if (rxq->elts[i] != NULL && mlx5x_range_touches(range,
				(uintptr_t)rxq->elts[i]->buf_addr, rxq->elts[i]->buf_len))
			return true;
	return false;
}

static struct mlx5x_rxq *
create(struct mlx5x_port *port, uint16_t index, struct rte_mempool *pool, unsigned int socket)
{
	struct mlx5x_rxq *rxq;

	rxq = rte_zmalloc_socket("mlx5_ext rxq", sizeof(*rxq), RTE_CACHE_LINE_SIZE, socket);
	if (rxq == NULL)
		return NULL;
	rxq->user.owns = owns;
	rxq->user.cache.misses = &rxq->stats.cache_misses;
	mlx5x_gate_shut(&rxq->user.gate);
	rxq->mrs = port->mrs;
	rxq->pool = pool;
	rxq->data_room = rte_pktmbuf_data_room_size(pool) - RTE_PKTMBUF_HEADROOM;
	rxq->port_id = port->dev->data->port_id;
	rxq->port = port;
	rxq->dp = port->wire->dp;
	rxq->index = index;
	return rxq;
}

int
mlx5x_rxq_setup(struct rte_eth_dev *dev, uint16_t index, uint16_t nb_desc, unsigned int socket,
	const struct rte_eth_rxconf *conf, struct rte_mempool *pool)
{
	struct mlx5x_port *port = dev->data->dev_private;
	struct mlx5x_rxq *rxq;
	int ret;

	ret = mlx5x_rx_pool_check(dev->data->name, pool);
	if (ret != 0)
		return ret;
	rxq = create(port, index, pool, socket);
	if (rxq == NULL)
		return -ENOMEM;
	rxq->room = rte_align32pow2(nb_desc);
	rxq->size = rxq->room;
	rxq->nb_desc = nb_desc;
	rxq->deferred = conf->rx_deferred_start;
	rxq->offloads = conf->offloads | dev->data->dev_conf.rxmode.offloads;
	dev->data->rx_queues[index] = rxq;
	return 0;
}

static struct mlx5x_rxq *
find_ring(struct mlx5x_rxq *rxq, uint16_t index)
{
	while (rxq != NULL && rxq->index != index)
		rxq = rxq->more;
	return rxq;
}

static void
append_ring(struct mlx5x_rxq *rxq, struct mlx5x_rxq *ring)
{
	while (rxq->more != NULL)
		rxq = rxq->more;
	/* Release; pairs with the acquire in mlx5x_rxq_more(). */
	__atomic_store_n(&rxq->more, ring, __ATOMIC_RELEASE);
}

int
mlx5x_rxq_add_ring(struct mlx5x_rxq *rxq, uint16_t index, uint32_t room, struct mlx5x_rxq **out)
{
	struct mlx5x_rxq *ring = find_ring(rxq, index);

	*out = ring;
	if (ring != NULL)
		return 0;
	ring = create(rxq->port, index, rxq->pool, SOCKET_ID_ANY);
	if (ring == NULL)
		return -ENOMEM;
	ring->owner = rxq;
	ring->room = room;
	ring->nb_desc = rxq->nb_desc;
	ring->offloads = rxq->offloads;
	append_ring(rxq, ring);
	*out = ring;
	return 0;
}

void
mlx5x_rxq_release(struct rte_eth_dev *dev, uint16_t index)
{
	struct mlx5x_rxq *rxq = dev->data->rx_queues[index], *more;

	for (; rxq != NULL; rxq = more) {
		more = rxq->more;
		rte_free(rxq);
	}
	dev->data->rx_queues[index] = NULL;
}

void
mlx5x_rxq_info(struct rte_eth_dev *dev, uint16_t index, struct rte_eth_rxq_info *info)
{
	const struct mlx5x_rxq *rxq = dev->data->rx_queues[index];
	/* This process's: a secondary one has the pointers of the primary in the queue. */
	const struct mlx5x_wire *wire = dev->process_private;

	info->mp = rxq->pool;
	info->nb_desc = rxq->nb_desc;
	info->scattered_rx = rxq->nb_sge > 1;
	info->rx_buf_size = rxq->data_room;
	info->conf.offloads = rxq->offloads;
	info->conf.rx_deferred_start = rxq->deferred;
	/* Without a buffer a frame is dropped, or waits at the other end. */
	info->conf.rx_drop_en = !wire->mutual;
}

static int
choose_segments(struct mlx5x_rxq *rxq)
{
	uint32_t frame = rxq->port->dev->data->mtu + MLX5X_FRAME_OVERHEAD;
	uint32_t nb_sge = (frame + rxq->data_room - 1) / rxq->data_room;
	const char *name = rxq->port->dev->data->name;

	if (nb_sge > 1 && !(rxq->offloads & RTE_ETH_RX_OFFLOAD_SCATTER)) {
		MLX5X_LOG(ERR, "%s: a frame of %u bytes does not fit a buffer of %u of pool '%s': "
			"larger buffers, a smaller MTU, or RTE_ETH_RX_OFFLOAD_SCATTER", name, frame,
			rxq->data_room, rxq->pool->name);
		return -EINVAL;
	}
	if (nb_sge > rxq->port->caps.max_sge) {
		MLX5X_LOG(ERR, "%s: a frame of %u bytes needs %u buffers of pool '%s', the device "
			"takes %u", name, frame, nb_sge, rxq->pool->name, rxq->port->caps.max_sge);
		return -EINVAL;
	}
	rxq->nb_sge = nb_sge;
	return 0;
}

static void
free_ring(struct mlx5x_rxq *rxq)
{
	rte_free(rxq->elts);
	rxq->elts = NULL;
}

int
mlx5x_rxq_prepare(struct mlx5x_rxq *rxq)
{
	int ret;

	ret = choose_segments(rxq);
	if (ret != 0)
		return ret;
	rxq->elts = rte_calloc("mlx5_ext rx elts", rxq->room * rxq->nb_sge + MLX5X_RXQ_AHEAD,
		sizeof(*rxq->elts), 0);
	if (rxq->elts == NULL)
		return -ENOMEM;
	rxq->size = rxq->room;
	rxq->ci = 0;
	rxq->pi = 0;
	mlx5x_flag_set(&rxq->failed, false);
	mlx5x_flag_set(&rxq->tx_failed, false);
	mlx5x_flag_set(&rxq->missed, false);
	rxq->miss.pause = 0;
	return 0;
}

int
mlx5x_rxq_cover(struct mlx5x_rxq *rxq)
{
	return mlx5x_implicit_pool(&rxq->port->implicit, rxq->pool);
}

void
mlx5x_rxq_tell(struct mlx5x_rxq *rxq)
{
	char reason[MLX5X_REASON_SIZE];
	uintptr_t addr;
	int ret = mlx5x_miss_report(&rxq->miss, &addr);

	if (ret == 0)
		return;
	mlx5x_reason_write(ret, addr, 1, true, reason);
	MLX5X_LOG(WARNING, "%s: Rx queue %u: cannot post buffers of pool '%s' on memory that has "
		"no lkey, or two, first at %#" PRIxPTR " (%s): rte_dev_dma_map() all of it for "
		"this device; rx_unmapped_buffers counts them", rxq->port->dev->data->name,
		rxq->owner != NULL ? rxq->owner->index : rxq->index, rxq->pool->name, addr, reason);
}

/* True if the buffer has an lkey now. */
static bool
get_key(struct mlx5x_rxq *rxq)
{
	const struct mlx5x_range buffer = {mlx5x_miss_addr(&rxq->miss), rxq->data_room};
	uint32_t losses = mlx5x_mr_losses(rxq->mrs);
	struct mlx5x_range failed;
	int ret;

	if (mlx5x_miss_has_failed(&rxq->miss, rxq->mrs))
		return false;
	ret = mlx5x_implicit_buffer(&rxq->port->implicit, rxq->pool, &buffer, &failed);
	if (ret != 0)
		mlx5x_miss_note(&rxq->miss, losses, &failed, ret);
	return ret == 0;
}

void
mlx5x_rxq_cover_missed(struct mlx5x_rxq *rxq)
{
	/* No buffer was tried since the last look-up. */
	if (rxq->miss.pause != 0)
		return;
	if (get_key(rxq))
		mlx5x_flag_set(&rxq->missed, false);
	else
		rxq->miss.pause = MLX5X_MISS_PAUSE;
}

/* Returns the buffers from this slot on to the pool. */
static void
free_buffers(struct mlx5x_rxq *rxq, uint32_t slot)
{
	uint32_t i;

	for (i = slot * rxq->nb_sge; i < rxq->room * rxq->nb_sge; i++) {
		if (rxq->elts[i] != NULL)
			rte_pktmbuf_free_seg(rxq->elts[i]);
		rxq->elts[i] = NULL;
	}
}

void
mlx5x_rxq_rewind(struct mlx5x_rxq *rxq)
{
	uint32_t lost = rxq->dp->rx_discard(rxq);

	mlx5x_counter_add(&rxq->stats.lost, lost);
	/* They are not missed, too. */
	rxq->next_number += lost;
	/* The reset emptied the device's ring; the slots in use keep their buffers. */
	free_buffers(rxq, rxq->size);
	rxq->ci = 0;
	rxq->pi = 0;
}

void
mlx5x_rxq_drain(struct mlx5x_rxq *rxq)
{
	if (rxq->elts == NULL)
		return;
	free_buffers(rxq, 0);
	free_ring(rxq);
}
