/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the command line of the demo: names, defaults, limits and the help text.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"

enum option_id {
	OPT_MEMORY = 256,
	OPT_SIZE,
	OPT_ADDRESS_BITS,
	OPT_PACKETS,
	OPT_PACKET_SIZE,
	OPT_COPIES,
	OPT_WINDOW,
	OPT_TIMEOUT,
	OPT_JSON,
	OPT_HELP,
};

static const struct option long_options[] = {
	{"memory", required_argument, NULL, OPT_MEMORY},
	{"size", required_argument, NULL, OPT_SIZE},
	{"address-bits", required_argument, NULL, OPT_ADDRESS_BITS},
	{"packets", required_argument, NULL, OPT_PACKETS},
	{"packet-size", required_argument, NULL, OPT_PACKET_SIZE},
	{"copies", required_argument, NULL, OPT_COPIES},
	{"window", required_argument, NULL, OPT_WINDOW},
	{"timeout", required_argument, NULL, OPT_TIMEOUT},
	{"json", no_argument, NULL, OPT_JSON},
	{"help", no_argument, NULL, OPT_HELP},
	{NULL, 0, NULL, 0},
};

static const struct args defaults = {
	.memory = MEMKIND_ANON,
	.size = 4 << 20,
	.packets = 1000,
	.packet_size = 1024,
	.copies = 16,
	.window = 0,	/* see default_window() */
	.timeout_ms = 3000,
};

/* Limits that bound the run time, and the memory to the buffers a mempool can hold. */
struct limits {
	uint64_t min;
	uint64_t max;
};

static const struct limits size_limits = {1 << 20, 1 << 30};
static const struct limits address_bits_limits = {31, 47};
static const struct limits packets_limits = {1, 100000000};
static const struct limits packet_size_limits = {64, 9014};
static const struct limits copies_limits = {1, 1000000};
static const struct limits window_limits = {1, 128};
static const struct limits timeout_limits = {1, 3600};

int
args_split(int argc, char *const argv[])
{
	int i;

	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], "--") == 0)
			return i;
	return argc;
}

bool
args_ask_help(int argc, char *const argv[])
{
	int i;

	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

/* The shift of a 1024-based size suffix, or -1. */
static int
suffix_shift(const char *suffix)
{
	if (*suffix == '\0')
		return 0;
	if (suffix[1] != '\0')
		return -1;
	switch (toupper((unsigned char)*suffix)) {
	case 'K':
		return 10;
	case 'M':
		return 20;
	case 'G':
		return 30;
	default:
		return -1;
	}
}

static int
parse_number(const char *text, bool suffixes, const struct limits *limits, uint64_t *value)
{
	char *end;
	int shift;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &end, 10);
	shift = suffixes ? suffix_shift(end) : (*end == '\0' ? 0 : -1);
	if (errno != 0 || shift < 0 || *value > UINT64_MAX >> shift)
		return -EINVAL;
	*value <<= shift;
	return *value < limits->min || *value > limits->max ? -ERANGE : 0;
}

static int
parse_u32(const char *name, const struct limits *limits, uint32_t *out, char *err, size_t err_len)
{
	uint64_t value = 0;

	if (parse_number(optarg, false, limits, &value) != 0) {
		snprintf(err, err_len, "--%s=%s: not a number from %ju to %ju", name, optarg,
			(uintmax_t)limits->min, (uintmax_t)limits->max);
		return -EINVAL;
	}
	*out = (uint32_t)value;
	return 0;
}

static int
parse_size(size_t *out, char *err, size_t err_len)
{
	uint64_t value = 0;

	if (parse_number(optarg, true, &size_limits, &value) != 0) {
		snprintf(err, err_len, "--size=%s: not a size from 1M to 1G (suffixes: K, M, G)",
			optarg);
		return -EINVAL;
	}
	*out = (size_t)value;
	return 0;
}

static int
parse_memory(enum memkind *out, char *err, size_t err_len)
{
	if (memkind_parse(optarg, out) == 0)
		return 0;
	snprintf(err, err_len, "--memory=%s: must be anon, huge, memfd, file or dmabuf", optarg);
	return -EINVAL;
}

static int
apply_option(struct args *args, int option, char *err, size_t err_len)
{
	switch (option) {
	case OPT_MEMORY:
		return parse_memory(&args->memory, err, err_len);
	case OPT_SIZE:
		return parse_size(&args->size, err, err_len);
	case OPT_ADDRESS_BITS:
		return parse_u32("address-bits", &address_bits_limits, &args->address_bits, err,
			err_len);
	case OPT_PACKETS:
		return parse_u32("packets", &packets_limits, &args->packets, err, err_len);
	case OPT_PACKET_SIZE:
		return parse_u32("packet-size", &packet_size_limits, &args->packet_size, err,
			err_len);
	case OPT_COPIES:
		return parse_u32("copies", &copies_limits, &args->copies, err, err_len);
	case OPT_WINDOW:
		return parse_u32("window", &window_limits, &args->window, err, err_len);
	case OPT_TIMEOUT:
		if (parse_u32("timeout", &timeout_limits, &args->timeout_ms, err, err_len) != 0)
			return -EINVAL;
		args->timeout_ms *= 1000;
		return 0;
	case OPT_JSON:
		args->json = true;
		return 0;
	case OPT_HELP:
	case 'h':
		args->help = true;
		return 0;
	default:
		return -EINVAL;
	}
}

/* getopt reports only the index of the failed entry: name the entry and the reason. */
static int
refuse(int reason, const char *entry, char *err, size_t err_len)
{
	if (reason == ':')
		snprintf(err, err_len, "%s: needs a value", entry);
	else if (optopt >= OPT_MEMORY)
		snprintf(err, err_len, "%s: takes no value", entry);
	else if (optopt != 0)
		snprintf(err, err_len, "-%c: unknown option", optopt);
	else
		snprintf(err, err_len, "%s: unknown option", entry);
	return -EINVAL;
}

/*
 * An unreliable wire drops packets on overrun, so the bytes in flight are bounded: a frame of 9014
 * bytes is three packets of SoftRoCE, and on a busy machine 32 such frames at once were lost.
 */
static uint32_t
default_window(uint32_t packet_size)
{
	uint32_t fit = 32768 / packet_size;

	return fit < 1 ? 1 : fit > 32 ? 32 : fit;
}

int
args_parse(struct args *args, int argc, char *argv[], char *err, size_t err_len)
{
	int ret = 0, option;

	*args = defaults;
	err[0] = '\0';
	opterr = 0;
	optind = 0; /* a full reset in glibc: EAL uses getopt later */
	while (ret == 0 && (option = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
		if (option == '?' || option == ':')
			ret = refuse(option, argv[optind - 1], err, err_len);
		else
			ret = apply_option(args, option, err, err_len);
	}
	if (ret == 0 && optind < argc) {
		snprintf(err, err_len, "%s: unexpected argument", argv[optind]);
		ret = -EINVAL;
	}
	optind = 1;
	if (args->window == 0)
		args->window = default_window(args->packet_size);
	return ret;
}

void
args_usage(FILE *out, const char *prog)
{
	fprintf(out,
		"usage: %s [EAL options] -- [options]\n"
		"\n"
		"Maps memory that DPDK does not own for every given device, moves data from it\n"
		"and into it, verifies every byte, unmaps, and shows that the device can no\n"
		"longer access it.\n"
		"\n"
		"  --memory=KIND      anon: private anonymous pages (default);\n"
		"                     huge: 2 MiB hugepages; memfd: a memfd, mapped shared;\n"
		"                     file: an unlinked file, mapped shared;\n"
		"                     dmabuf: a dma-buf of /dev/udmabuf, mapped by its\n"
		"                     descriptor, by librte_bus_pci_ext.so\n"
		"  --size=BYTES       memory for each device, 1M to 1G (default 4M)\n"
		"  --address-bits=N   memory at addresses below 2^N, 31 to 47, for an IOMMU\n"
		"                     that accepts no higher ones (default: anywhere)\n"
		"  --packets=N        packets to send through each port (default 1000)\n"
		"  --packet-size=N    bytes of each, 64 to 9014 (default 1024)\n"
		"  --copies=N         copies by each DMA device (default 16)\n"
		"  --window=N         packets on the wire at a time, 1 to 128\n"
		"                     (default: as many as fit into 32 KiB, 32 at most)\n"
		"  --timeout=SECONDS  without progress, before missing packets count as lost\n"
		"                     (default 3)\n"
		"  --json             print one JSON object instead of the table\n"
		"  --help             print this\n"
		"\n"
		"Typical EAL options:\n"
		"  -d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so -a 0000:03:00.0\n"
		"The report is on stdout, everything else on stderr. Exit status:\n"
		"0 all checks passed, 1 a check failed, 2 bad arguments.\n", prog);
}
