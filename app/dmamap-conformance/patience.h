/* SPDX-License-Identifier: BSD-3-Clause
 *
 * How long to wait, on a machine that has other things to do: a limit that does not run while
 * whoever should do something is not given the processor. No DPDK in it.
 */
#ifndef CONFORMANCE_PATIENCE_H
#define CONFORMANCE_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Milliseconds that the calling thread has had; for loops that poll. Any thread. */
uint64_t patience_ms(void);

/* For another process. */
struct patience {
	pid_t pid;
	double left;	/* seconds */
	double wall;	/* the clocks when they were read last, in seconds */
	double cpu;
};

/* From now on; also to begin anew. */
void patience_start(struct patience *patience, pid_t pid, unsigned int seconds);

/*
 * To be asked about once a second. The limit is of the time that the process has had. One that
 * waits for something, as in a deadlock, is charged all the time; one that could run and may not, a
 * tenth.
 */
bool patience_is_over(struct patience *patience);

#endif
