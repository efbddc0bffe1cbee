/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Failures on demand: the program defines the functions through which a driver gets memory and
 * talks to the kernel, and passes them on, except for the one call that shall fail. Plugins find
 * these before those of the libraries. Only calls of the thread that armed it are counted.
 */
#ifndef CONFORMANCE_INJECT_H
#define CONFORMANCE_INJECT_H

#include <stdbool.h>
#include <stddef.h>

enum inject_set {
	INJECT_MEMORY = 1,	/* malloc, calloc, realloc, posix_memalign, rte_*malloc */
	INJECT_CALLS = 2,	/* ioctl, mmap, ibv_reg_mr: with ENOMEM */
};

/* The n-th call (from 1) of these functions fails. */
void inject_arm(unsigned int set, unsigned int n);

/* Returns the name of the function that failed, NULL if it did not come to it. */
const char *inject_disarm(void);

/* From now on ibv_reg_mr() registers only the first len bytes of what it is told; 0: all. */
void inject_truncate(size_t len);

/* How often it did. */
unsigned int inject_truncated(void);

#endif
