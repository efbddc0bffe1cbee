/* SPDX-License-Identifier: BSD-3-Clause */
/* options.h - the command line of soak, after EAL's "--". */
#ifndef SOAK_OPTIONS_H
#define SOAK_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct options {
	const char *port;	/* device that carries the traffic */
	const char *churn;	/* device that memory is mapped for; NULL: none */
	uint64_t packets;	/* per queue; 0: until the time limit */
	uint64_t pairs;		/* of map and unmap; 0: unlimited */
	uint32_t seconds;	/* at most */
	uint32_t rate;		/* pairs of map and unmap a second */
	uint32_t size;		/* bytes of a frame */
	uint32_t unmapped;	/* per mille of the packets: from memory that is not mapped */
	uint16_t queues;
	bool race;		/* the mapping thread also calls what ethdev forbids */
};

/* False after a message to stderr. argv[0] is skipped. */
bool options_read(int argc, char **argv, struct options *options);

#endif
