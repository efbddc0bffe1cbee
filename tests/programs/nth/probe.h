/* SPDX-License-Identifier: BSD-3-Clause */
/* probe.h - repeated probes of a function, with each step failing in turn. Main thread. */
#ifndef NTH_PROBE_H_
#define NTH_PROBE_H_

#include <stdbool.h>

struct probe {
	const char *device;	/* 0000:aa:00.0 */
	const char *args;	/* device arguments */
	unsigned int failures;	/* failed steps of the last call */
	const char *detail;	/* the error, or NULL */
};

/*
 * The n-th call of the function fails, for each n until a probe succeeds. After each nothing may
 * leak, and the next probe must succeed. False, with detail, if not.
 */
bool probe_without(struct probe *probe, const char *function);

/* Device arguments to be accepted (good) or rejected: nothing may leak either way. */
bool probe_with(struct probe *probe, const char *args, bool good);

#endif
