/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * churn.h - a thread that maps and unmaps memory of its own for a device, so many times a second.
 */
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
	const uint16_t *race;	/* clean the Tx queue of this port, which another thread uses; or NULL */
	/* Results, once it is stopped. */
	uint64_t pairs;		/* meanwhile: churn_pairs() */
	uint64_t errors;	/* calls that did not return 0 */
	double seconds;
	/* Its own. */
	struct region region;
	mlx5x_thread thread;
	bool stop;
};

/* race: as above. 0, or -errno after a message. */
int churn_start(struct churn *churn, const char *device, uint32_t rate, const uint16_t *race);

/* How many pairs there have been; at any time. */
uint64_t churn_pairs(const struct churn *churn);

/* Ends the thread and unmaps what it had mapped. */
void churn_stop(struct churn *churn);

#endif
