/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * life.h - all operations of a port between configure and stop, once: each step a call of DPDK's
 * interface, with frames to the port itself in between. Main thread only.
 */
#ifndef NTH_LIFE_H_
#define NTH_LIFE_H_

#include <stdbool.h>
#include <stdint.h>

#include "region.h"

struct life {
	uint16_t port;
	struct rte_device *dev;
	struct rte_mempool *pool;	/* for both directions, in DPDK's memory */
	struct region region;		/* for map and unmap */
	void (*step)(void);		/* runs the device until it is idle */
	void (*fail)(const char *verb, int n);	/* its n-th call fails; n 0: none */
	const char *failed;		/* the failed step, after life_lead() */
	bool failed_to_start;
	uint32_t sent;
	uint32_t received;
};

/* Finds the port and allocates memory. Returns 0 or -errno. */
int life_create(struct life *life, const char *device);

/* Closes the port; its device stays. Returns 0 or -errno. */
int life_close(struct life *life);
void life_destroy(struct life *life);

/*
 * Runs all steps up to the first failure; then stops the port in any case. Returns 0, or the
 * negative result of the failed step.
 */
int life_lead(struct life *life);

/* Number of free buffers, and of all. */
unsigned int life_missing_buffers(const struct life *life);

#endif
