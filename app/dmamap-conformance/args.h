/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The command line: EAL's arguments, "--", and the suite's own. No DPDK in it.
 */
#ifndef CONFORMANCE_ARGS_H
#define CONFORMANCE_ARGS_H

#include <stdbool.h>
#include <stdio.h>

#include "expect.h"

#define ARGS_CASES 128	/* room for all of the suite */

enum role {
	ROLE_SUPERVISOR,	/* started by the user: prints TAP, runs workers */
	ROLE_WORKER,		/* runs cases, in a sequence of processes */
	ROLE_SECONDARY,		/* a secondary process of a worker, for one case */
};

struct args {
	enum role role;
	int report_fd;			/* of a worker: the file descriptor of its report */
	int eal_argc;			/* argv[0] and EAL's own */
	const char *device;		/* or NULL: all */
	char rules;			/* 'd', 'v', or 0: detect */
	unsigned int timeout;		/* seconds for a case on a device */
	bool list;
	bool help;
	unsigned int cases[ARGS_CASES];	/* indices into the table, ascending */
	unsigned int n_cases;
	struct expect expect;
	const char *secondary;		/* of a secondary: device,address,length,path */
};

/* Returns 0, or -EINVAL with a message in err. */
int args_parse(struct args *args, int argc, char *argv[], char *err, size_t size);

void args_usage(FILE *out);

#endif
