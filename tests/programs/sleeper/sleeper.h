/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sleeper.h - a thread that receives as dpdk-l3fwd-power does: polls while there are packets, then
 * sleeps until the next one wakes it.
 */
#ifndef SLEEPER_H
#define SLEEPER_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "common/compat.h"

struct sleeper {
	uint16_t port;
	uint16_t queue;
	/* Results; read any of them at any time by sleeper_read(). */
	uint64_t received;	/* packets */
	uint64_t wakeups;	/* by an event */
	uint64_t spurious;	/* of those, with nothing to receive */
	uint64_t caught;	/* packets were there after arming, so it did not sleep */
	uint64_t timeouts;	/* a second went by */
	uint64_t missed;	/* of those, with packets there that should have woken it */
	uint64_t errors;	/* calls that failed */
	/* Its own. */
	mlx5x_thread thread;
	clockid_t clock;
	bool ready;
	bool stop;
};

static inline uint64_t
sleeper_read(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_ACQUIRE);
}

/* Returns when it is about to sleep. 0 or -errno. */
int sleeper_start(struct sleeper *sleeper);

/* After this, one packet more ends it: send it, then join. */
void sleeper_ask_to_stop(struct sleeper *sleeper);
void sleeper_join(struct sleeper *sleeper);

/* Milliseconds of CPU that it has used. */
double sleeper_cpu_ms(const struct sleeper *sleeper);

#endif
