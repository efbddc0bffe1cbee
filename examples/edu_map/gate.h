/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gate: keeps the data path of one queue and the control path apart, without a lock in the former.
 *
 * One data path thread at a time enters and leaves. Control threads close and open; who has closed
 * the gate may change all that the data path reads. A data path that finds it closed gives up for
 * this time and loses nothing: a burst returns 0.
 */
#ifndef EDU_MAP_GATE_H
#define EDU_MAP_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_pause.h>

/* >>> gate */
struct gate {
	uint32_t word; /* bit 0: somebody is inside; the bits above count the closers */
};

#define GATE_INSIDE 1u
#define GATE_CLOSER 2u

/* Data path. Acquire; pairs with the release in gate_open(). */
static inline bool
gate_enter(struct gate *gate)
{
	uint32_t open = 0;

	return __atomic_compare_exchange_n(
		&gate->word, &open, GATE_INSIDE, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* Data path. Release; pairs with the acquire in gate_close(). */
static inline void
gate_leave(struct gate *gate)
{
	__atomic_fetch_and(&gate->word, ~GATE_INSIDE, __ATOMIC_RELEASE);
}

/* Control path: returns when nobody is inside, and nobody gets in until gate_open(). */
static inline void
gate_close(struct gate *gate)
{
	__atomic_fetch_add(&gate->word, GATE_CLOSER, __ATOMIC_ACQUIRE);
	while (__atomic_load_n(&gate->word, __ATOMIC_ACQUIRE) & GATE_INSIDE)
		rte_pause();
}

static inline void
gate_open(struct gate *gate)
{
	__atomic_fetch_sub(&gate->word, GATE_CLOSER, __ATOMIC_RELEASE);
}
/* <<< gate */

#endif /* EDU_MAP_GATE_H */
