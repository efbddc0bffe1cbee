/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include <ethdev_driver.h>
#include <rte_cycles.h>

#define LOG_COMPONENT "queue"
#include "common/counter.h"
#include "common/log.h"
#include "common/trace.h"
#include "common/verbs.h"
#include "queue/pair.h"
#include "queue/rxq.h"
#include "queue/tx_free.h"
#include "queue/txq.h"

/* With a completion channel only if the port is configured for Rx interrupts. */
static int
create_rx_cq(struct mlx5x_pair *pair)
{
	const struct mlx5x_rxq *owner = pair->rxq->owner;
	struct ibv_context *ctx = pair->port->ctx;
	int ret = 0;

	if (pair->port->dev->data->dev_conf.intr_conf.rxq && owner == NULL)
		ret = pair->rxq->dp->rx_arm == NULL ? -ENOTSUP :
			mlx5x_verbs_create_channel(ctx, &pair->channel);
	if (ret != 0)
		return ret;
	return pair->port->wire->create_cq(ctx, pair->rxq->room,
		owner != NULL ? owner->channel : pair->channel, &pair->rx_cq);
}

static int
create_cqs(struct mlx5x_pair *pair)
{
	int ret;

	if (pair->rxq != NULL) {
		ret = create_rx_cq(pair);
		if (ret != 0)
			return ret;
	}
	return pair->txq == NULL ? 0 :
		pair->port->wire->create_cq(pair->port->ctx, pair->txq->size, NULL, &pair->tx_cq);
}

/* Copies the objects into queues whose gates are closed. */
static void
set_objects(struct mlx5x_pair *pair, enum mlx5x_side sides)
{
	if (pair->rxq != NULL && (sides & MLX5X_SIDE_RX)) {
		pair->rxq->qp = pair->rx_qp != NULL ? pair->rx_qp : pair->qp;
		pair->rxq->wq = pair->wq;
		pair->rxq->cq = pair->rx_cq;
		pair->rxq->channel = pair->channel;
	}
	if (pair->txq != NULL && (sides & MLX5X_SIDE_TX)) {
		pair->txq->qp = pair->qp;
		pair->txq->cq = pair->tx_cq;
		pair->txq->tell = pair->rxq != NULL ? &pair->rxq->tx_failed : NULL;
	}
}

/*
 * Gates closed. Before the wire changes the objects, which cleans CQs and sleeps in system calls: a
 * concurrent unmap must not poll the Tx CQ then, and takes all posted packets as owned.
 */
static void
withhold_cq(struct mlx5x_pair *pair, enum mlx5x_side sides)
{
	if (pair->txq == NULL || !(sides & MLX5X_SIDE_TX))
		return;
	pthread_mutex_lock(&pair->port->mrs->lock);
	pair->txq->cq = NULL;
	pthread_mutex_unlock(&pair->port->mrs->lock);
}

/* Errors of the previous rings are no reason to recover the new ones. */
static void
forget_errors(struct mlx5x_pair *pair)
{
	if (pair->rxq != NULL)
		mlx5x_flag_set(&pair->rxq->failed, false);
	if (pair->txq != NULL)
		mlx5x_txq_forgive(pair->txq);
}

/* The application may sleep already, with all CQs armed that existed then. */
static int
arm_further_ring(struct mlx5x_rxq *rxq)
{
	return rxq != NULL && rxq->owner != NULL && rxq->owner->channel != NULL ?
		rxq->dp->rx_arm(rxq) : 0;
}

/* With the gates closed; mlx5x_pair_open() opens them. */
static int
attach_queues(struct mlx5x_pair *pair)
{
	struct mlx5x_mr_table *mrs = pair->port->mrs;
	int ret = 0;

	set_objects(pair, MLX5X_SIDE_BOTH);
	forget_errors(pair);
	if (pair->rxq != NULL)
		ret = pair->rxq->dp->rx_attach(pair->rxq);
	if (pair->txq != NULL && ret == 0)
		ret = pair->txq->dp->tx_attach(pair->txq);
	if (ret == 0)
		ret = arm_further_ring(pair->rxq);
	if (ret != 0)
		return ret;
	if (pair->rxq != NULL)
		mlx5x_mr_add_user(mrs, &pair->rxq->user);
	if (pair->txq != NULL)
		mlx5x_mr_add_user(mrs, &pair->txq->user);
	pair->attached = true;
	return 0;
}

int
mlx5x_pair_create(struct mlx5x_pair *pair, struct mlx5x_port *port, struct mlx5x_rxq *rxq,
	struct mlx5x_txq *txq)
{
	int ret;

	*pair = (struct mlx5x_pair){.port = port, .rxq = rxq, .txq = txq};
	ret = create_cqs(pair);
	if (ret == 0)
		ret = port->wire->create(pair);
	if (ret == 0)
		ret = attach_queues(pair);
	if (ret != 0)
		mlx5x_pair_destroy(pair);
	return ret;
}

static void
close_gates(struct mlx5x_pair *pair, enum mlx5x_side sides)
{
	if (pair->rxq != NULL && (sides & MLX5X_SIDE_RX))
		mlx5x_gate_close(&pair->rxq->user.gate);
	if (pair->txq != NULL && (sides & MLX5X_SIDE_TX))
		mlx5x_gate_close(&pair->txq->user.gate);
}

static void
open_gates(struct mlx5x_pair *pair, enum mlx5x_side sides)
{
	if (pair->rxq != NULL && (sides & MLX5X_SIDE_RX))
		mlx5x_gate_open(&pair->rxq->user.gate);
	if (pair->txq != NULL && (sides & MLX5X_SIDE_TX))
		mlx5x_gate_open(&pair->txq->user.gate);
}

/* No completion follows any more: returns all mbufs to their mempools. */
static void
empty_queues(struct mlx5x_pair *pair)
{
	if (pair->rxq != NULL) {
		mlx5x_mr_remove_user(pair->port->mrs, &pair->rxq->user);
		mlx5x_rxq_drain(pair->rxq);
	}
	if (pair->txq != NULL) {
		mlx5x_mr_remove_user(pair->port->mrs, &pair->txq->user);
		pair->txq->cq = pair->tx_cq;
		mlx5x_txq_abandon(pair->txq);
		mlx5x_tx_free(pair->txq, UINT32_MAX);
	}
}

static void
detach_queues(struct mlx5x_pair *pair)
{
	if (pair->rxq != NULL) {
		pair->rxq->dp->rx_detach(pair->rxq);
		pair->rxq->qp = NULL;
		pair->rxq->wq = NULL;
		pair->rxq->cq = NULL;
		pair->rxq->channel = NULL;
		pair->rxq->grants = NULL;
	}
	if (pair->txq != NULL) {
		pair->txq->dp->tx_detach(pair->txq);
		pair->txq->qp = NULL;
		pair->txq->cq = NULL;
		pair->txq->credits = NULL;
		pair->txq->tell = NULL;
	}
}

void
mlx5x_pair_destroy(struct mlx5x_pair *pair)
{
	/* Never created. */
	if (pair->port == NULL)
		return;
	if (pair->state == MLX5X_PAIR_RUNNING)
		close_gates(pair, MLX5X_SIDE_BOTH);
	withhold_cq(pair, MLX5X_SIDE_BOTH);
	/* The device may access posted buffers until its objects are destroyed: they go first. */
	pair->port->wire->destroy(pair);
	if (pair->attached)
		empty_queues(pair);
	detach_queues(pair);
	mlx5x_verbs_destroy_cq(pair->rx_cq);
	mlx5x_verbs_destroy_cq(pair->tx_cq);
	mlx5x_verbs_destroy_channel(pair->channel);
	*pair = (struct mlx5x_pair){0};
}

/* Gates closed. */
static int
prepare(struct mlx5x_pair *pair, enum mlx5x_side sides)
{
	int ret;

	withhold_cq(pair, sides);
	ret = pair->port->wire->prepare(pair, sides);
	pthread_mutex_lock(&pair->port->mrs->lock);
	set_objects(pair, sides);
	pthread_mutex_unlock(&pair->port->mrs->lock);
	return ret;
}

static void
fill(struct mlx5x_rxq *rxq)
{
	pthread_mutex_lock(&rxq->mrs->lock);
	rxq->dp->rx_fill(rxq);
	pthread_mutex_unlock(&rxq->mrs->lock);
}

int
mlx5x_pair_prepare(struct mlx5x_pair *pair)
{
	int ret;

	ret = prepare(pair, MLX5X_SIDE_BOTH);
	if (ret != 0)
		return ret;
	pair->state = MLX5X_PAIR_INIT;
	if (pair->rxq == NULL || pair->rxq->size == 0)
		return 0;
	fill(pair->rxq);
	if (pair->rxq->pi != pair->rxq->ci)
		return 0;
	return mlx5x_flag_read(&pair->rxq->missed) ? -EFAULT : -ENOMEM;
}

static void
set_state(struct mlx5x_pair *pair, enum mlx5x_pair_state state)
{
	pthread_mutex_lock(&pair->port->lock);
	pair->state = state;
	pthread_mutex_unlock(&pair->port->lock);
}

int
mlx5x_pair_reach(struct mlx5x_pair *pair, const struct mlx5x_remote *remote,
	const struct mlx5x_limit *limit)
{
	const struct mlx5x_wire *wire = pair->port->wire;
	int ret;

	if (wire->reach == NULL)
		return 0;
	set_state(pair, MLX5X_PAIR_CONNECTING);
	ret = wire->reach(pair, remote, limit);
	if (ret != 0)
		set_state(pair, MLX5X_PAIR_INIT);
	return ret;
}

int
mlx5x_pair_connect(struct mlx5x_pair *pair, const struct mlx5x_remote *remote, uint32_t max_frame)
{
	int ret;

	pair->state = MLX5X_PAIR_INIT;
	ret = pair->port->wire->connect(pair, remote, MLX5X_SIDE_BOTH);
	if (ret != 0)
		return ret;
	pair->remote = *remote;
	if (pair->rxq != NULL)
		pair->rxq->next_number = 0;
	if (pair->txq != NULL) {
		pair->txq->max_frame = max_frame;
		pair->txq->first = pair->txq->head;
	}
	pair->state = MLX5X_PAIR_CONNECTED;
	return 0;
}

void
mlx5x_pair_open(struct mlx5x_pair *pair)
{
	if (mlx5x_flag_read(&pair->port->dead))
		return;
	pair->state = MLX5X_PAIR_RUNNING;
	open_gates(pair, MLX5X_SIDE_BOTH);
}

void
mlx5x_pair_close(struct mlx5x_pair *pair)
{
	if (pair->state != MLX5X_PAIR_RUNNING)
		return;
	close_gates(pair, MLX5X_SIDE_BOTH);
	pair->state = MLX5X_PAIR_CONNECTED;
}

int
mlx5x_pair_start(struct mlx5x_pair *pair, const struct mlx5x_remote *remote, uint32_t max_frame)
{
	int ret;

	ret = mlx5x_pair_connect(pair, remote, max_frame);
	if (ret == 0)
		mlx5x_pair_open(pair);
	return ret;
}

/* They are counted here; the other end does not miss them, too. */
static void
abandon(struct mlx5x_txq *txq)
{
	uint32_t lost = mlx5x_txq_abandon(txq);

	mlx5x_counter_add(&txq->stats.lost, lost);
	txq->first += lost;
}

/* Gates closed: discards all posted WQEs and posts the Rx buffers again. */
static int
prepare_again(struct mlx5x_pair *pair, enum mlx5x_side sides)
{
	int ret;

	ret = prepare(pair, sides);
	if (ret != 0)
		return ret;
	pthread_mutex_lock(&pair->port->mrs->lock);
	if (pair->txq != NULL && (sides & MLX5X_SIDE_TX))
		abandon(pair->txq);
	if (pair->rxq != NULL && (sides & MLX5X_SIDE_RX)) {
		mlx5x_rxq_rewind(pair->rxq);
		pair->rxq->dp->rx_fill(pair->rxq);
	}
	pthread_mutex_unlock(&pair->port->mrs->lock);
	return 0;
}

int
mlx5x_pair_disconnect(struct mlx5x_pair *pair)
{
	/* The gates are open in this state only; a failed recovery has closed them. */
	if (pair->state == MLX5X_PAIR_RUNNING)
		close_gates(pair, MLX5X_SIDE_BOTH);
	pair->state = MLX5X_PAIR_INIT;
	forget_errors(pair);
	return prepare_again(pair, MLX5X_SIDE_BOTH);
}

int
mlx5x_pair_resize(struct mlx5x_pair *pair, uint32_t size)
{
	pthread_mutex_lock(&pair->port->mrs->lock);
	pair->rxq->size = size;
	pthread_mutex_unlock(&pair->port->mrs->lock);
	return prepare_again(pair, MLX5X_SIDE_BOTH);
}

static enum mlx5x_side
failed_sides(const struct mlx5x_pair *pair)
{
	enum mlx5x_side sides = 0;

	if (pair->rxq != NULL && mlx5x_flag_read(&pair->rxq->failed))
		sides |= MLX5X_SIDE_RX;
	if (pair->txq != NULL && mlx5x_flag_read(&pair->txq->failed))
		sides |= MLX5X_SIDE_TX;
	return sides != 0 && !pair->port->wire->apart ? MLX5X_SIDE_BOTH : sides;
}

/* Gates closed. One recovery is counted once: at the Tx queue, if it was for both sides. */
static void
forgive(struct mlx5x_pair *pair, enum mlx5x_side sides)
{
	bool with_tx = pair->txq != NULL && (sides & MLX5X_SIDE_TX);

	if (with_tx) {
		mlx5x_txq_forgive(pair->txq);
		mlx5x_counter_add(&pair->txq->stats.recoveries, 1);
	}
	if (pair->rxq == NULL || !(sides & MLX5X_SIDE_RX))
		return;
	mlx5x_flag_set(&pair->rxq->failed, false);
	if (!with_tx)
		mlx5x_counter_add(&pair->rxq->stats.recoveries, 1);
}

bool
mlx5x_pair_is_failed(const struct mlx5x_pair *pair)
{
	return failed_sides(pair) != 0;
}

static void
trace_recovery(const struct mlx5x_pair *pair, int ret, uint64_t cycles)
{
	const struct mlx5x_port *port = pair->port;

	mlx5x_trace_recover(port->dev->data->port_id, pair - port->pairs, ret,
		cycles * 1000 / (rte_get_timer_hz() / 1000000));
}

int
mlx5x_pair_reset(struct mlx5x_pair *pair)
{
	uint64_t start = rte_get_timer_cycles();
	int ret;

	ret = mlx5x_pair_disconnect(pair);
	if (ret == 0)
		forgive(pair, MLX5X_SIDE_BOTH);
	trace_recovery(pair, ret, rte_get_timer_cycles() - start);
	return ret;
}

int
mlx5x_pair_recover(struct mlx5x_pair *pair)
{
	enum mlx5x_side sides = failed_sides(pair);
	uint64_t start = rte_get_timer_cycles();
	int ret;

	/* The other queue of the pair may have recovered it already. */
	if (sides == 0)
		return 0;
	close_gates(pair, sides);
	ret = prepare_again(pair, sides);
	if (ret == 0) {
		forgive(pair, sides);
		ret = pair->port->wire->connect(pair, &pair->remote, sides);
	}
	if (ret == 0) {
		open_gates(pair, sides);
	} else {
		close_gates(pair, MLX5X_SIDE_BOTH & ~sides);
		pair->state = MLX5X_PAIR_INIT;
	}
	trace_recovery(pair, ret, rte_get_timer_cycles() - start);
	return ret;
}

void
mlx5x_pair_publish(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs)
{
	pthread_mutex_lock(&port->lock);
	port->pairs = pairs;
	port->nb_pairs = nb_pairs;
	port->nb_joined = 0;
	pthread_mutex_unlock(&port->lock);
}

void
mlx5x_pair_close_dead(struct mlx5x_port *port)
{
	uint16_t i;

	pthread_mutex_lock(&port->lock);
	mlx5x_flag_set(&port->dead, true);
	for (i = 0; i < port->nb_pairs; i++)
		mlx5x_pair_close(&port->pairs[i]);
	pthread_mutex_unlock(&port->lock);
}
