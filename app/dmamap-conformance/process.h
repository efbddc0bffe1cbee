/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A secondary process of DPDK that calls map and unmap: the same program with the same arguments.
 */
#ifndef CONFORMANCE_PROCESS_H
#define CONFORMANCE_PROCESS_H

#include <stddef.h>

#include "args.h"
#include "memory.h"

enum {
	PROCESS_GOOD = 0,	/* its calls had the expected results; the memory is mapped */
	PROCESS_BAD = 1,	/* they had not; the text has the details */
	PROCESS_NONE = 77,	/* EAL does not start as a secondary process */
};

/* Keeps the arguments of the program for secondary processes. */
void process_note(const struct args *args, char *argv[]);

/* Runs one; text is set to its message. Returns one of the above. */
int process_secondary(const char *device, const struct memory *memory, char *text, size_t size);

/*
 * The secondary process's side. Its message goes to stdout. Returns its exit status, one of the
 * above.
 */
int process_be_secondary(const struct args *args, char *argv[]);

#endif
