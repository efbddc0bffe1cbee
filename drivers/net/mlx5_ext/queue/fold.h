/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fold.h - the pairs of a cable whose ends have different numbers of queues. As many pairs are
 * connected as the end with more Tx queues has: what one end sends by Tx queue i arrives, by pair
 * i, at Rx queue i modulo their number of the other. A pair beyond the Rx queues has a further ring
 * of that Rx queue: rxq.h.
 *
 *	here: 2 Rx queues		there: 3 Tx queues
 *	Rx queue 0  <-- pair 0 --  Tx queue 0
 *	Rx queue 1  <-- pair 1 --  Tx queue 1
 *	Rx queue 0  <-- pair 2 --  Tx queue 2	by a further ring
 *
 * The rings of an Rx queue divide its descriptors, so that it holds no more buffers of the pool
 * than the application has requested; only rings of less than MLX5X_FOLD_SLOTS would be too short.
 * They are not one shared receive queue (SRQ): a QP that is reset takes the WQE of a frame received
 * in part out of an SRQ without a CQE, an iWARP sender needs to know how many buffers are its own,
 * and a ring that one QP uses completes in order. A sender in a burst has its own ring alone, and
 * an empty burst polls a CQ for each ring.
 *
 * For the thread that owns the cable, and start and stop.
 */
#ifndef MLX5X_FOLD_H_
#define MLX5X_FOLD_H_

#include <stdint.h>

struct mlx5x_pair;
struct mlx5x_port;

/* Slots of a ring at least: fewer are refilled too often. */
#define MLX5X_FOLD_SLOTS 8u

/*
 * mlx5x_pair_create() with the queues of that index, and on a cable with the ring of a pair beyond
 * the Rx queues, which is not in use yet. The pairs before it exist. 0; -ENOMEM; -EINVAL as
 * mlx5x_rxq_prepare(); or its error.
 */
int mlx5x_fold_create(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t index);

/* Destroys all pairs of the array, which has MLX5X_PORT_PAIRS of them. */
void mlx5x_fold_destroy(struct mlx5x_pair *pairs);

/*
 * Before the pairs are connected: creates those that are missing for an end with that many Tx
 * queues, sets port->nb_joined, and gives each ring its slots. Takes the port's lock. All pairs are
 * in INIT, and stay so. 0; -ENOMEM or another -errno of create, or of the wire: as many pairs exist
 * as could be created.
 */
int mlx5x_fold(struct mlx5x_port *port, uint16_t tx_there);

#endif
