/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include <rte_alarm.h>
#include <rte_common.h>

#define LOG_ROOM "stall"
#include "compat.h"
#include "counter.h"
#include "log.h"
#include "queue.h"
#include "recover.h"
#include "stall.h"
#include "txq.h"

#define LOOKS (MLX5X_STALL_MS / MLX5X_STALL_LOOK_MS)

static_assert(MLX5X_PORT_PAIRS <= 64, "a bit for each pair");

/* What the last look saw of each pair. */
struct seen {
	uint32_t done;
	unsigned int looks;	/* in a row, at the same oldest packet */
	uint64_t empty_at;	/* 1 + as many packets as had been sent when the ring was empty */
};

struct mlx5x_stall {
	struct seen pairs[MLX5X_PORT_PAIRS];
};

/*
 * Whether the oldest packet is still there after all. With the gate closed: the burst is kept out
 * while completions are taken in, which it may not have done for long. An application that has no
 * patience drops what it cannot send, so this is not for each look.
 */
static bool
make_sure(struct mlx5x_txq *txq, struct seen *seen)
{
	bool stalled;

	/* An unmap takes in completions too, with the gate closed. */
	pthread_mutex_lock(&txq->mrs->lock);
	mlx5x_gate_close(&txq->user.gate);
	txq->dp->tx_reap(txq);
	stalled = txq->done != txq->head && txq->done == seen->done;
	if (stalled) {
		mlx5x_counter_add(&txq->stats.errors, 1);
		mlx5x_flag_set(&txq->failed, true);
	}
	if (txq->done == txq->head)
		seen->empty_at = 1 + txq->stats.packets;
	seen->done = txq->done;
	mlx5x_gate_open(&txq->user.gate);
	pthread_mutex_unlock(&txq->mrs->lock);
	return stalled;
}

/* Under the port's lock. */
static bool
is_stalled(struct mlx5x_pair *pair, struct seen *seen)
{
	struct mlx5x_txq *txq = pair->txq;
	uint32_t done;

	if (pair->state != MLX5X_PAIR_JOINED || txq == NULL) {
		seen->looks = 0;
		return false;
	}
	if (mlx5x_flag_read(&txq->failed))
		return true;
	done = __atomic_load_n(&txq->done, __ATOMIC_RELAXED);
	if (done != seen->done || 1 + mlx5x_counter_read(&txq->stats.packets) == seen->empty_at) {
		seen->done = done;
		seen->looks = 0;
		return false;
	}
	if (++seen->looks <= LOOKS)
		return false;
	seen->looks = 0;
	return make_sure(txq, seen);
}

static void
look(void *arg)
{
	struct mlx5x_port *port = arg;
	uint64_t stalled = 0;
	uint16_t i;

	/* Whoever has it is about to change the pairs: next time. */
	if (pthread_mutex_trylock(&port->lock) == 0) {
		for (i = 0; i < port->nb_pairs; i++)
			if (is_stalled(&port->pairs[i], &port->stall->pairs[i]))
				stalled |= UINT64_C(1) << i;
		pthread_mutex_unlock(&port->lock);
	}
	for (i = 0; i < MLX5X_PORT_PAIRS; i++)
		if (stalled & UINT64_C(1) << i)
			mlx5x_recover(port, i);
	if (rte_eal_alarm_set(MLX5X_STALL_LOOK_MS * US_PER_S / MS_PER_S, look, port) != 0)
		MLX5X_LOG(ERR, "%s: EAL takes no alarm: a queue that stalls is not found",
			port->dev->data->name);
}

int
mlx5x_stall_start(struct mlx5x_port *port)
{
	int ret;

	port->stall = calloc(1, sizeof(*port->stall));
	if (port->stall == NULL)
		return -ENOMEM;
	ret = rte_eal_alarm_set(MLX5X_STALL_LOOK_MS * US_PER_S / MS_PER_S, look, port);
	if (ret != 0)
		mlx5x_stall_stop(port);
	return ret;
}

void
mlx5x_stall_stop(struct mlx5x_port *port)
{
	if (port->stall == NULL)
		return;
	rte_eal_alarm_cancel(look, port);
	free(port->stall);
	port->stall = NULL;
}
