/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Time limits on a busy machine: a limit does not run while the process or thread that it applies
 * to is not scheduled. No DPDK in it.
 */
#ifndef CONFORMANCE_PATIENCE_H
#define CONFORMANCE_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* CPU time of the calling thread in milliseconds; for polling loops. Any thread. */
uint64_t patience_ms(void);

/* A limit for another process. */
struct patience {
	pid_t pid;
	double left;	/* seconds */
	double wall;	/* readings at the last call, in seconds */
	double cpu;
};

/* Starts, or restarts, the limit. */
void patience_start(struct patience *patience, pid_t pid, unsigned int seconds);

/*
 * Call about once a second. A process that waits, as in a deadlock, is charged all the time; one
 * that is runnable but not scheduled, a tenth.
 */
bool patience_is_over(struct patience *patience);

#endif
