/* SPDX-License-Identifier: BSD-3-Clause
 *
 * dmamap-conformance: runs the cases of the contract on any implementation of rte_dev_dma_map().
 * Selects the role of this process.
 */
#include <stdio.h>

#include "args.h"
#include "process.h"
#include "suite.h"
#include "supervisor.h"
#include "worker.h"

enum { EXIT_USAGE = 2 };

static int
list_cases(void)
{
	unsigned int i;

	for (i = 0; i < suite_size; i++)
		printf("%2u %s\n", suite_cases[i].number, suite_cases[i].name);
	return 0;
}

int
main(int argc, char *argv[])
{
	struct args args;
	char err[256];

	if (args_parse(&args, argc, argv, err, sizeof(err)) != 0) {
		fprintf(stderr, "dmamap-conformance: %s\nTry 'dmamap-conformance --help'.\n", err);
		return EXIT_USAGE;
	}
	if (args.help) {
		args_usage(stdout);
		return 0;
	}
	if (args.list)
		return list_cases();
	if (args.role == ROLE_SECONDARY)
		return process_be_secondary(&args, argv);
	if (args.role == ROLE_WORKER) {
		process_note(&args, argv);
		return worker_run(&args, argc, argv);
	}
	return supervisor_run(&args, argc, argv);
}
