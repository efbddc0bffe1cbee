/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sleeper.h - a thread that receives as dpdk-l3fwd-power does: polls while there are packets, then
 * sleeps until the next packet wakes it.
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
	/* Results; sleeper_read() reads any of them at any time. */
	uint64_t received;	/* packets */
	uint64_t wakeups;	/* wake-ups by an event */
	uint64_t spurious;	/* of those, without a packet */
	uint64_t caught;	/* packets were there after arming, so it did not sleep */
	uint64_t timeouts;	/* sleeps that ended by the timeout of a second */
	uint64_t missed;	/* of those, with packets that should have woken it */
	uint64_t errors;	/* failed calls */
	/* Internal. */
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

/* After this one more packet ends it: send it, then join. */
void sleeper_ask_to_stop(struct sleeper *sleeper);

/*
 * Returns when it has ended and sent packets are received, or after ms: one that a timeout ended
 * leaves the last packet in the queue. The queue is then not armed, and has no unread event.
 */
void sleeper_join(struct sleeper *sleeper, uint64_t sent, int ms);

/* Milliseconds of CPU time that it has used. */
double sleeper_cpu_ms(const struct sleeper *sleeper);

#endif
