/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gate.h - mutual exclusion of a queue's burst and the control path, without a lock in the burst.
 *
 * Owned by a queue. One burst thread at a time enters and leaves (ethdev's own rule for a
 * queue); any number of control threads close and open it. A burst that finds the gate closed
 * returns 0 and loses nothing. While it is closed no burst runs, and control threads, which
 * exclude each other by the table's lock, may access everything the burst uses: an unmap polls
 * the queue's CQ to find out which buffers the device still owns. That is why this is not
 * rte_rcu_qsbr, which waits for bursts to end but does not keep new ones out.
 *
 * The word: bit 0 is set while a burst is inside, the bits above count the closers.
 */
#ifndef MLX5X_GATE_H_
#define MLX5X_GATE_H_

#include <stdbool.h>
#include <stdint.h>

#include <rte_branch_prediction.h>
#include <rte_pause.h>

struct mlx5x_gate {
	uint32_t word;
};

#define MLX5X_GATE_INSIDE 1u
#define MLX5X_GATE_CLOSER 2u

/* Burst: true if it is inside now. Acquire; pairs with the release in mlx5x_gate_open(). */
static inline bool
mlx5x_gate_enter(struct mlx5x_gate *gate)
{
	uint32_t open = 0;

	return likely(__atomic_compare_exchange_n(&gate->word, &open, MLX5X_GATE_INSIDE, false,
		__ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
}

/* Burst: release; pairs with the acquire in mlx5x_gate_wait(). */
static inline void
mlx5x_gate_leave(struct mlx5x_gate *gate)
{
	__atomic_fetch_and(&gate->word, ~MLX5X_GATE_INSIDE, __ATOMIC_RELEASE);
}

/* Control: keep new bursts out. A burst that is inside may go on. */
static inline void
mlx5x_gate_shut(struct mlx5x_gate *gate)
{
	__atomic_fetch_add(&gate->word, MLX5X_GATE_CLOSER, __ATOMIC_ACQUIRE);
}

/* Control: after mlx5x_gate_shut(), wait until the burst inside has left. */
static inline void
mlx5x_gate_wait(struct mlx5x_gate *gate)
{
	while (__atomic_load_n(&gate->word, __ATOMIC_ACQUIRE) & MLX5X_GATE_INSIDE)
		rte_pause();
}

/* Control: keep bursts out; none is inside on return. May be nested. */
static inline void
mlx5x_gate_close(struct mlx5x_gate *gate)
{
	mlx5x_gate_shut(gate);
	mlx5x_gate_wait(gate);
}

/* Control: undo one mlx5x_gate_shut() or mlx5x_gate_close(). */
static inline void
mlx5x_gate_open(struct mlx5x_gate *gate)
{
	__atomic_fetch_sub(&gate->word, MLX5X_GATE_CLOSER, __ATOMIC_RELEASE);
}

#endif
