/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Bounded waiting: a point in time, and whether it has passed. Needs EAL for its clock.
 */
#ifndef DMAMAP_DEMO_DEADLINE_H
#define DMAMAP_DEMO_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_cycles.h>

struct deadline {
	uint64_t at;
};

static inline struct deadline
deadline_in_ms(uint64_t ms)
{
	return (struct deadline){.at = rte_get_timer_cycles() + ms * rte_get_timer_hz() / 1000};
}

static inline bool
deadline_passed(struct deadline deadline)
{
	return (int64_t)(rte_get_timer_cycles() - deadline.at) >= 0;
}

#endif
