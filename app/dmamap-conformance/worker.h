/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The process that runs cases. It reports in lines on a pipe:
 *   begin NUMBER		a case starts
 *   note TEXT			a diagnostic of it
 *   end ok|fail		its verdict
 *   end skip REASON
 *   bail REASON		the process cannot run any case
 *   fresh			the rest of the cases need a new process
 */
#ifndef CONFORMANCE_WORKER_H
#define CONFORMANCE_WORKER_H

#include "args.h"

/* Returns the exit status. */
int worker_run(const struct args *args, int argc, char *argv[]);

#endif
