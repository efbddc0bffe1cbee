/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * disorder.h - unusual orders of ethdev calls, or missing queues: each call returns a result, none
 * crashes, and the port works afterwards. Main thread only.
 */
#ifndef NTH_DISORDER_H_
#define NTH_DISORDER_H_

#include "life.h"

struct disorder {
	const char *name;
	/* On a stopped, reset port. NULL, or a description of the error. */
	const char *(*run)(struct life *life);
};

/* Ended by an entry without a name. */
extern const struct disorder disorders[];

#endif
