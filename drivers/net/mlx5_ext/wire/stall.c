/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_alarm.h>
#include <rte_common.h>

#define LOG_COMPONENT "stall"
#include "common/compat.h"
#include "common/counter.h"
#include "common/log.h"
#include "datapath/drop.h"
#include "queue/pair.h"
#include "queue/recover.h"
#include "queue/rxq.h"
#include "queue/txq.h"
#include "wire/stall.h"

#define LOOKS (MLX5X_STALL_MS / MLX5X_STALL_LOOK_MS)

static_assert(MLX5X_PORT_PAIRS <= 64, "a bit for each pair");

/*
 * The state of a pair at the last look. From outside the bursts an empty ring and one whose oldest
 * packet does not complete look the same, so the first look that sees no progress asks, and only a
 * packet that was there then is waited for.
 */
struct seen {
	uint32_t done;
	unsigned int looks;	/* in a row with the same oldest packet; that which saw it: 1 */
	uint64_t empty_at;	/* 1 + packets posted in all when the ring was empty; or 0 */
};

struct mlx5x_stall {
	struct seen pairs[MLX5X_PORT_PAIRS];
};

/*
 * Polls the CQ, in case no burst does: false if it has an error CQE, or if the packet which is the
 * oldest since LOOKS looks of a reliable wire is still not completed. The gate is closed meanwhile,
 * and an application that does not retry drops its packets then; so this is not done at each look.
 */
static bool
is_well(struct mlx5x_txq *txq, struct seen *seen, bool reliable)
{
	bool well, waits;

	/* An unmap polls the CQ too, with the gate closed. */
	pthread_mutex_lock(&txq->mrs->lock);
	mlx5x_gate_close(&txq->user.gate);
	txq->dp->tx_reap(txq);
	well = !mlx5x_flag_read(&txq->failed);
	waits = txq->done != txq->head;
	if (well && waits && reliable && seen->looks > LOOKS && txq->done == seen->done) {
		mlx5x_counter_add(&txq->stats.errors, 1);
		mlx5x_txq_fail(txq);
		well = false;
	}
	seen->looks = well && waits;
	if (!waits)
		seen->empty_at = 1 + txq->stats.packets;
	seen->done = txq->done;
	mlx5x_gate_open(&txq->user.gate);
	pthread_mutex_unlock(&txq->mrs->lock);
	return well;
}

/* Under the port's lock. */
static bool
is_ill(struct mlx5x_pair *pair, struct seen *seen, bool reliable)
{
	struct mlx5x_txq *txq = pair->txq;
	uint32_t done;

	if (pair->state != MLX5X_PAIR_RUNNING) {
		seen->looks = 0;
		return false;
	}
	if (mlx5x_pair_is_failed(pair))
		return true;
	if (txq == NULL)
		return false;
	done = __atomic_load_n(&txq->done, __ATOMIC_RELAXED);
	if (done != seen->done || 1 + mlx5x_counter_read(&txq->stats.packets) == seen->empty_at) {
		seen->done = done;
		seen->looks = 0;
		return false;
	}
	seen->looks++;
	return (seen->looks == 1 || seen->looks > LOOKS) && !is_well(txq, seen, reliable);
}

/* Logs for the bursts. The pairs keep their queues until the alarm is cancelled. */
static void
log_drops(struct mlx5x_port *port, uint16_t nb_pairs)
{
	uint16_t i;

	for (i = 0; i < nb_pairs; i++) {
		if (port->pairs[i].txq != NULL)
			mlx5x_drop_log(port->pairs[i].txq);
		if (port->pairs[i].rxq != NULL)
			mlx5x_rxq_tell(port->pairs[i].rxq);
	}
}

static void
look(void *arg)
{
	struct mlx5x_port *port = arg;
	uint64_t ill = 0;
	uint16_t i, n = 0;

	/* The holder of the lock is changing the pairs: next time. */
	if (pthread_mutex_trylock(&port->lock) == 0) {
		n = port->nb_pairs;
		for (i = 0; i < n; i++)
			if (is_ill(&port->pairs[i], &port->stall->pairs[i], port->wire->mutual))
				ill |= UINT64_C(1) << i;
		pthread_mutex_unlock(&port->lock);
	}
	for (i = 0; i < MLX5X_PORT_PAIRS; i++)
		if (ill & UINT64_C(1) << i)
			mlx5x_recover(port, i);
	log_drops(port, n);
	if (rte_eal_alarm_set(MLX5X_STALL_LOOK_MS * US_PER_S / MS_PER_S, look, port) != 0)
		MLX5X_LOG(ERR, "%s: cannot set an alarm: stalled queues are no longer detected",
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
	if (ret != 0) {
		mlx5x_stall_stop(port);
		MLX5X_LOG(ERR, "%s: cannot set the alarm that detects stalled queues: %s",
			port->dev->data->name, strerror(-ret));
	}
	return ret;
}

void
mlx5x_stall_stop(struct mlx5x_port *port)
{
	uint16_t n;

	if (port->stall == NULL)
		return;
	rte_eal_alarm_cancel(look, port);
	pthread_mutex_lock(&port->lock);
	n = port->nb_pairs;
	pthread_mutex_unlock(&port->lock);
	log_drops(port, n);
	free(port->stall);
	port->stall = NULL;
}
