/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * life.h - all that a port is asked for between configure and stop, once over: each step a call of
 * DPDK's interface, and frames to itself in between. Main thread only.
 */
#ifndef NTH_LIFE_H_
#define NTH_LIFE_H_

#include <stdbool.h>
#include <stdint.h>

#include "region.h"

struct life {
	uint16_t port;
	struct rte_device *dev;
	struct rte_mempool *pool;	/* for both directions, of DPDK's memory */
	struct region region;		/* to be mapped and unmapped */
	void (*step)(void);		/* lets the device run until nothing moves */
	void (*fail)(const char *verb, int n);	/* its n-th call fails; n 0: no more failures */
	const char *failed;		/* the step that failed, after life_lead() */
	bool failed_to_start;
	uint32_t sent;
	uint32_t received;
};

/* Finds the port and makes the memory. 0 or -errno. */
int life_create(struct life *life, const char *device);

/* The port, between two lives; its device stays. 0 or -errno. */
int life_close(struct life *life);
void life_destroy(struct life *life);

/*
 * One life, up to the first step that fails; then it is stopped, in any case. 0, or what the step
 * said, negative.
 */
int life_lead(struct life *life);

/* Buffers that are in nobody's hands, of how many there are. */
unsigned int life_missing_buffers(const struct life *life);

#endif
