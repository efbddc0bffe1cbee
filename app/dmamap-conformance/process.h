/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A secondary process of DPDK that tries to map: the same program with the same arguments.
 */
#ifndef CONFORMANCE_PROCESS_H
#define CONFORMANCE_PROCESS_H

#include <stddef.h>

#include "args.h"

enum {
	PROCESS_GOOD = 0,	/* map and unmap were refused with ENOTSUP */
	PROCESS_BAD = 1,	/* something else came; text says what */
	PROCESS_NONE = 77,	/* EAL does not start as a secondary */
};

/* What the program was started with, for the secondaries of this process. */
void process_note(const struct args *args, char *argv[]);

/* Run one; what it found goes to text. */
int process_secondary(const char *device, void *addr, size_t len, char *text, size_t size);

/* The secondary's side. Returns its exit status, one of the above; what it found goes to stdout. */
int process_be_secondary(const struct args *args, char *argv[]);

#endif
