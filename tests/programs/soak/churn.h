/* SPDX-License-Identifier: BSD-3-Clause */
/* churn.h - a thread that maps and unmaps application memory for a device at a given rate. */
#ifndef SOAK_CHURN_H
#define SOAK_CHURN_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_dev.h>

#include "common/compat.h"
#include "region.h"

struct churn {
	struct rte_device *dev;
	uint32_t rate;		/* pairs a second */
	const uint16_t *race;	/* cleans the Tx queue of this port, used by others; or NULL */
	/* Results, valid after the stop. */
	uint64_t pairs;		/* any time: churn_pairs() */
	uint64_t errors;	/* calls that did not return 0 */
	double seconds;
	/* Internal. */
	struct region region;
	mlx5x_thread thread;
	bool stop;
};

/* race: see above. Returns 0, or -errno after a message. */
int churn_start(struct churn *churn, const char *device, uint32_t rate, const uint16_t *race);

/* Number of pairs so far; at any time. */
uint64_t churn_pairs(const struct churn *churn);

/* Ends the thread and unmaps its memory. */
void churn_stop(struct churn *churn);

#endif
