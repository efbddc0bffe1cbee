/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "frame.h"
#include "options.h"

static const struct option names[] = {
	{"port", required_argument, NULL, 'p'},
	{"churn", required_argument, NULL, 'c'},
	{"packets", required_argument, NULL, 'n'},
	{"pairs", required_argument, NULL, 'm'},
	{"seconds", required_argument, NULL, 's'},
	{"rate", required_argument, NULL, 'r'},
	{"size", required_argument, NULL, 'z'},
	{"unmapped", required_argument, NULL, 'u'},
	{"queues", required_argument, NULL, 'q'},
	{"race", no_argument, NULL, 'x'},
	{NULL, 0, NULL, 0},
};

static bool
usage(void)
{
	fprintf(stderr, "usage: soak [EAL arguments] -- --port DEVICE [--queues N] [--size BYTES]\n"
		"	[--packets N (a queue)] [--seconds N (at most)] [--unmapped PER-MILLE]\n"
		"	[--churn DEVICE] [--rate N (map and unmap a second)] [--pairs N (of them)]\n"
		"	[--race (must be found)]\n");
	return false;
}

static bool
read_number(const char *text, uint64_t min, uint64_t max, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && *number >= min && *number <= max;
}

static bool
take(int name, const char *value, struct options *options)
{
	uint64_t n = 0;
	bool good = true;

	if (name == 'p')
		options->port = value;
	else if (name == 'c')
		options->churn = value;
	else if (name == 'n')
		good = read_number(value, 1, UINT32_MAX, &options->packets);
	else if (name == 'm')
		good = read_number(value, 1, UINT32_MAX, &options->pairs);
	else if (name == 's' && (good = read_number(value, 1, 86400, &n)))
		options->seconds = n;
	else if (name == 'r' && (good = read_number(value, 1, 1000000, &n)))
		options->rate = n;
	else if (name == 'z' && (good = read_number(value, 64, FRAME_MAX_LEN, &n)))
		options->size = n;
	else if (name == 'u' && (good = read_number(value, 0, 1000, &n)))
		options->unmapped = n;
	else if (name == 'x')
		options->race = true;
	else if (name == 'q' && (good = read_number(value, 1, 16, &n)))
		options->queues = n;
	if (!good)
		fprintf(stderr, "soak: '%s' is not a valid number\n", value);
	return good && name != '?';
}

bool
options_read(int argc, char **argv, struct options *options)
{
	int name;

	*options = (struct options){.seconds = 60, .rate = 1000, .size = 256, .queues = 1};
	optind = 1;
	while ((name = getopt_long(argc, argv, "", names, NULL)) != -1)
		if (!take(name, optarg, options))
			return usage();
	return (options->port != NULL && optind == argc) || usage();
}
