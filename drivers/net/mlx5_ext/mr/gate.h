/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gate.h - keeps one queue's burst and the control path apart without a lock in the burst.
 *
 * Owned by a queue. One burst thread at a time enters and leaves (ethdev's own rule for a queue);
 * any number of control threads close and open it. A burst that finds the gate closed returns 0
 * and loses nothing. Whoever has closed the gate may touch all that the burst uses.
 *
 * The word: bit 0 is "a burst is inside", the bits above count the closers.
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

/* Burst: true if inside. Acquire; pairs with the release in mlx5x_gate_open(). */
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

/* Control: no new burst gets in; one that is inside may still be. */
static inline void
mlx5x_gate_shut(struct mlx5x_gate *gate)
{
	__atomic_fetch_add(&gate->word, MLX5X_GATE_CLOSER, __ATOMIC_ACQUIRE);
}

/* Control: after mlx5x_gate_shut(), until the burst inside has left. */
static inline void
mlx5x_gate_wait(struct mlx5x_gate *gate)
{
	while (__atomic_load_n(&gate->word, __ATOMIC_ACQUIRE) & MLX5X_GATE_INSIDE)
		rte_pause();
}

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
