/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the names and limits of the options, and the help text.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include <rte_version.h>

#include "args.h"
#include "suite.h"

enum option_id {
	OPT_DEVICE = 256,
	OPT_BACKEND,
	OPT_TIMEOUT,
	OPT_EXPECT,
	OPT_LIST,
	OPT_HELP,
	OPT_WORKER,
	OPT_SECONDARY,
};

static const struct option options[] = {
	{"device", required_argument, NULL, OPT_DEVICE},
	{"backend", required_argument, NULL, OPT_BACKEND},
	{"timeout", required_argument, NULL, OPT_TIMEOUT},
	{"expect-fail", required_argument, NULL, OPT_EXPECT},
	{"list", no_argument, NULL, OPT_LIST},
	{"help", no_argument, NULL, OPT_HELP},
	{"worker", required_argument, NULL, OPT_WORKER},	/* internal */
	{"secondary", required_argument, NULL, OPT_SECONDARY},	/* internal */
	{NULL, 0, NULL, 0},
};

void
args_usage(FILE *out)
{
	fputs("usage: dmamap-conformance [EAL argument...] -- [option...] [case...]\n"
	      "\n"
	      "Runs the cases (names or numbers; default: all) on the devices given to EAL by -a,\n"
	      "and prints TAP.\n"
	      "\n"
	      "  --list               the cases\n"
	      "  --device=NAME        only this device is under test, the others are helpers\n"
	      "  --backend=driver|vfio\n"
	      "                       backend of the devices, if pci_ext is not loaded; default:\n"
	      "                       vfio for a device on vfio-pci, else driver\n"
	      "  --expect-fail=FILE   known failures: a file with a name on each line, or\n"
	      "                       names with commas between. A pass is an error\n"
	      "  --timeout=SECONDS    limit for a case on a device, default 60; time in which\n"
	      "                       it is runnable but not scheduled counts a tenth\n"
	      "  --help\n"
	      "\n"
	      "Exit status: 0 if a case ran and no case failed unexpectedly; 1 if a case did, or\n"
	      "the suite could not run; 2 for a wrong command line; 77 if all were skipped.\n",
		out);
}

static int
apply(struct args *args, int option, char *err, size_t size)
{
	switch (option) {
	case OPT_DEVICE:
		args->device = optarg;
		return 0;
	case OPT_BACKEND:
		args->rules = *optarg;
		if (strcmp(optarg, "driver") == 0 || strcmp(optarg, "vfio") == 0)
			return 0;
		snprintf(err, size, "--backend=%s: must be driver or vfio", optarg);
		return -EINVAL;
	case OPT_TIMEOUT:
		args->timeout = (unsigned int)strtoul(optarg, NULL, 10);
		if (args->timeout > 0)
			return 0;
		snprintf(err, size, "--timeout=%s: must be a number of seconds", optarg);
		return -EINVAL;
	case OPT_EXPECT:
		return expect_read(&args->expect, optarg,
			rte_version_year() * 100 + rte_version_month(), err, size);
	case OPT_LIST:
		args->list = true;
		return 0;
	case OPT_HELP:
		args->help = true;
		return 0;
	case OPT_WORKER:
		args->role = ROLE_WORKER;
		args->report_fd = atoi(optarg);
		return 0;
	case OPT_SECONDARY:
		args->role = ROLE_SECONDARY;
		args->secondary = optarg;
		return 0;
	default:
		snprintf(err, size, "unknown option");
		return -EINVAL;
	}
}

static int
take_cases(struct args *args, int n, char *const names[], char *err, size_t size)
{
	bool wanted[ARGS_CASES] = {false};
	unsigned int k;
	int i;

	for (i = 0; i < n; i++) {
		const struct suite_case *c = suite_find(names[i]);

		if (c == NULL) {
			snprintf(err, size, "no case %s", names[i]);
			return -EINVAL;
		}
		wanted[c - suite_cases] = true;
	}
	for (k = 0; k < suite_size; k++)
		if (n == 0 || wanted[k])
			args->cases[args->n_cases++] = k;
	return 0;
}

static int
find_border(int argc, char *argv[])
{
	int i;

	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], "--") == 0)
			return i;
	return argc;
}

int
args_parse(struct args *args, int argc, char *argv[], char *err, size_t size)
{
	int border = find_border(argc, argv), option, ret = 0;
	char *none[] = {argv[0], NULL};
	char **own = border < argc ? argv + border : none;
	int n = border < argc ? argc - border : 1;

	memset(args, 0, sizeof(*args));
	args->timeout = 60;
	args->eal_argc = border;
	/* What needs no EAL needs no "--" either. */
	if (border == 2) {
		args->help = strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0;
		args->list = strcmp(argv[1], "--list") == 0;
	}
	optind = 1;
	opterr = 0;
	while (ret == 0 && (option = getopt_long(n, own, "", options, NULL)) != -1)
		ret = apply(args, option, err, size);
	if (ret == 0)
		ret = take_cases(args, n - optind, own + optind, err, size);
	optind = 1; /* left to EAL */
	return ret;
}
