/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The composition root. All devices map, all move data, all stop, all unmap, and only then each
 * tries to access its unmapped memory: so each gets its own verdict, although all devices on VFIO
 * share one container. Each has its own region for the same reason.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_random.h>

#include "args.h"
#include "demo.h"
#include "report.h"

enum { EXIT_HELD = 0, EXIT_NOT_HELD = 1, EXIT_USAGE = 2 };

/* Reserve stdout for the report: all other output goes to stderr. */
static FILE *
take_stdout(void)
{
	int fd = dup(STDOUT_FILENO);

	if (fd < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return NULL;
	return fdopen(fd, "w");
}

static bool
parse_own(struct args *args, int argc, char *argv[], int eal_argc)
{
	static char *empty[] = {(char *)(uintptr_t)"dmamap-demo", NULL};
	char err[256];
	int ret;

	if (eal_argc < argc)
		ret = args_parse(args, argc - eal_argc, argv + eal_argc, err, sizeof(err));
	else
		ret = args_parse(args, 1, empty, err, sizeof(err));
	if (ret != 0)
		fprintf(stderr, "dmamap-demo: %s\nTry 'dmamap-demo --help'.\n", err);
	return ret == 0;
}

/* False: there is no report. */
static bool
print(FILE *out, const struct args *args, const struct report *report)
{
	if (!args->json)
		report_table(out, report);
	else if (report_json(out, report) != 0) {
		fprintf(stderr, "dmamap-demo: no memory for the report\n");
		return false;
	}
	return true;
}

static int
run(FILE *out, const struct args *args)
{
	struct demo demo = {.args = args, .run = rte_rand()};
	struct report report;
	bool printed;

	demo_run(&demo);
	demo_report(&demo, &report);
	printed = print(out, args, &report);
	free((void *)(uintptr_t)report.rows);
	demo_destroy(&demo);
	return printed && report.ok ? EXIT_HELD : EXIT_NOT_HELD;
}

/* The failure is in the report too. */
static int
fail_without_eal(FILE *out, const struct args *args)
{
	struct report report = {0};

	snprintf(report.error, sizeof(report.error), "EAL initialisation failed: %s; see stderr",
		rte_strerror(rte_errno));
	report_judge(&report);
	print(out, args, &report);
	return EXIT_NOT_HELD;
}

int
main(int argc, char *argv[])
{
	int eal_argc = args_split(argc, argv);
	struct args args;
	bool started;
	int status;
	FILE *out;

	if (!parse_own(&args, argc, argv, eal_argc))
		return EXIT_USAGE;
	if (args.help || args_ask_help(eal_argc, argv)) {
		args_usage(stdout, "dmamap-demo");
		return EXIT_HELD;
	}
	out = take_stdout();
	if (out == NULL) {
		perror("dmamap-demo: stdout");
		return EXIT_NOT_HELD;
	}
	started = rte_eal_init(eal_argc, argv) >= 0;
	status = started ? run(out, &args) : fail_without_eal(out, &args);
	if (fclose(out) != 0) {
		perror("dmamap-demo: report");
		status = EXIT_NOT_HELD;
	}
	if (started)
		rte_eal_cleanup();
	return status;
}
