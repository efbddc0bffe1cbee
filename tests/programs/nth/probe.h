/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * probe.h - a function that is probed again and again, each step of it failing in turn. Main thread.
 */
#ifndef NTH_PROBE_H_
#define NTH_PROBE_H_

#include <stdbool.h>

struct probe {
	const char *device;	/* 0000:aa:00.0 */
	const char *args;	/* device arguments */
	unsigned int failures;	/* so many steps failed, of the last call */
	const char *detail;	/* what is wrong, if something is */
};

/*
 * The n-th call of the function fails, for every n until a probe passes without. After each, nothing
 * may be left, and the next probe must be a good one. False, and detail, if not.
 */
bool probe_without(struct probe *probe, const char *function);

/* Device arguments that are refused, or not: nothing may be left either way. */
bool probe_with(struct probe *probe, const char *args, bool good);

#endif
