/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The process that the user started: runs workers, kills those that exceed the time limit, and
 * prints TAP. No EAL in it.
 */
#ifndef CONFORMANCE_SUPERVISOR_H
#define CONFORMANCE_SUPERVISOR_H

#include "args.h"

/* Returns the exit status of the program. */
int supervisor_run(const struct args *args, int argc, char *argv[]);

#endif
