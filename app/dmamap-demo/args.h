/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The demo's own arguments, after "--" on the command line. Pure, without DPDK; one thread.
 */
#ifndef DMAMAP_DEMO_ARGS_H
#define DMAMAP_DEMO_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "memkind.h"

struct args {
	enum memkind memory;
	size_t size;		/* bytes of memory for each device */
	uint32_t address_bits;	/* its addresses are below 2^this; 0: anywhere */
	uint32_t packets;	/* sent by each port */
	uint32_t packet_size;	/* bytes, from the Ethernet header on, without CRC */
	uint32_t copies;	/* done by each DMA device */
	uint32_t window;	/* packets on the wire at a time */
	uint32_t timeout_ms;	/* without progress, before missing packets count as lost */
	bool json;
	bool help;
};

/* The number of EAL's entries in argv: those before the first "--", or all of them. */
int args_split(int argc, char *const argv[]);

/* True if --help or -h is among the first argc entries, for which EAL would print its own help. */
bool args_ask_help(int argc, char *const argv[]);

/*
 * Parse argv[1..argc-1] into *args, which is set to the defaults first; argv[0] is skipped.
 * Returns 0, or -EINVAL with a message naming the argument and its value in err (NUL-terminated).
 * Uses getopt's global state and leaves it reset. argv may be permuted.
 */
int args_parse(struct args *args, int argc, char *argv[], char *err, size_t err_len);

void args_usage(FILE *out, const char *prog);

#endif
