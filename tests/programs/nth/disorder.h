/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * disorder.h - calls of ethdev in an order, or with queues, that nobody should have: each is answered,
 * none crashes, and the port works afterwards. Main thread only.
 */
#ifndef NTH_DISORDER_H_
#define NTH_DISORDER_H_

#include "life.h"

struct disorder {
	const char *name;
	/* On a port that is stopped and reset. NULL, or what is wrong. */
	const char *(*run)(struct life *life);
};

/* With an entry without a name at the end. */
extern const struct disorder disorders[];

#endif
