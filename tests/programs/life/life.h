/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * life.h - state shared by the threads of this program: two functions, probed and removed at run
 * time, and the list of errors.
 *
 * One thread, control, makes all calls of ethdev and of hot-plug, as ethdev requires. Others map
 * and unmap, query telemetry, create and free mempools, at any time. Threads that use an object
 * that control ends (struct rte_device, the port's number) hold a lock of the side meanwhile, as an
 * application must.
 */
#ifndef LIFE_LIFE_H_
#define LIFE_LIFE_H_

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_dev.h>
#include <rte_mempool.h>

#include "dice.h"
#include "region.h"

#define LIFE_SIDES 2
#define LIFE_QUEUES 3	/* of each direction, at most */
#define LIFE_TRAIL 12	/* last steps, for the report of an error */
#define LIFE_WAIT_MS 20000	/* for an event */

/* A function, and the state of its port in the control thread. */
struct side {
	const char *name;
	char args[64];
	pthread_rwlock_t device;	/* dev */
	pthread_rwlock_t port;		/* has_port, id, and the queues */
	struct rte_device *dev;		/* NULL: not probed, or removed */
	bool has_port;			/* not closed */
	uint16_t id;
	/* Used by control only. */
	bool configured;
	bool started;
	bool dead;
	bool down;			/* the cable is pulled */
	uint16_t nb_rx;
	uint16_t nb_tx;
	uint64_t on_wire;		/* upper bound, since an error in a round */
	bool rx[LIFE_QUEUES];		/* set up */
	bool tx[LIFE_QUEUES];
	/* By EAL's interrupt thread. */
	unsigned int removals;		/* RMV events */
	bool close_in_callback;
	bool closed_in_callback;
};

struct life {
	struct side sides[LIFE_SIDES];
	struct dice dice;		/* control's */
	uint64_t seed;
	uint64_t steps;
	char trail[LIFE_TRAIL][96];	/* each step, and the state of the side after it */
	struct rte_mempool *native;	/* of DPDK's memory */
	struct rte_mempool *foreign;	/* of the region's */
	struct region region;		/* registered, mapped at times */
	/*
	 * Odd while calls may fail, as faults are requested or devices are dead; increasing. By
	 * control.
	 */
	uint64_t trouble;
	unsigned int troubles;		/* control's: number of causes */
	bool deadly;			/* one of them is a device's death */
	bool stop;
	unsigned int errors;
	unsigned int deaths;
	uint64_t maps;
	uint64_t questions;
	uint64_t packets;
	uint64_t failures;		/* steps that failed as required */
};

/* Functions of the software HCA. */
struct model {
	void (*order_faults)(const char *list);
	uint64_t (*violations)(const char *name);
};
extern struct model model;

/* Reports an error and ends all threads. Any thread. */
void life_complain(struct life *life, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static inline bool
life_is_over(const struct life *life)
{
	return __atomic_load_n(&life->stop, __ATOMIC_ACQUIRE);
}

/* Call before a call; and after it, to know whether it was allowed to fail. */
static inline uint64_t
life_before(const struct life *life)
{
	return __atomic_load_n(&life->trouble, __ATOMIC_ACQUIRE);
}

static inline bool
life_may_fail(const struct life *life, uint64_t before)
{
	return (before & 1) != 0 || life_before(life) != before;
}

#endif
