/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Failures on demand: the program interposes the functions that allocate memory and call the
 * kernel, and passes calls on except for the one to fail. Plugins resolve these before the
 * libraries'. Only calls of the arming thread count.
 */
#ifndef CONFORMANCE_INJECT_H
#define CONFORMANCE_INJECT_H

#include <stdbool.h>
#include <stddef.h>

enum inject_set {
	INJECT_MEMORY = 1,	/* malloc, calloc, realloc, posix_memalign, rte_*malloc */
	INJECT_CALLS = 2,	/* ioctl, mmap, ibv_reg_mr: with ENOMEM */
};

/* Lets the n-th call (from 1) of these functions fail. */
void inject_arm(unsigned int set, unsigned int n);

/* Returns the name of the function that failed, NULL if fewer calls were made. */
const char *inject_disarm(void);

/* From now on ibv_reg_mr() registers at most the first len bytes; 0: all. */
void inject_truncate(size_t len);

/* Number of shortened registrations. */
unsigned int inject_truncated(void);

#endif
