/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * flow.h - the numbered packets of one queue: sent, and received at the end of the cable.
 *
 * Each byte depends on the packet's number, and so does the memory that it is sent from. A queue
 * pair preserves the order, so a skipped number is a lost packet.
 */
#ifndef SOAK_FLOW_H
#define SOAK_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mempool.h>

#include "port.h"

struct flow {
	const struct port *port;
	uint16_t queue;
	uint32_t size;			/* bytes of a frame */
	uint32_t unmapped_share;	/* per mille */
	struct rte_mempool *mapped;
	struct rte_mempool *unmapped;
	uint64_t packets;		/* how many to send */
	/* Results. */
	uint64_t sent;			/* accepted by the port */
	uint64_t sent_unmapped;		/* of those: must not arrive */
	uint64_t verified;		/* arrived once, in order, each byte right */
	uint64_t lost;
	uint64_t wrong;			/* changed, twice, out of order, or from unmapped memory */
	double worst_ms;		/* longest wait for a packet while some were under way */
	/* Internal. */
	uint64_t expected;		/* next number to arrive */
	uint64_t base;		/* first number still waited for */
	uint64_t base_unmapped;	/* number of those below it that must not arrive */
	uint64_t last;			/* cycles, at the last arrival or when the wire was empty */
};

/* Sends as much as the window allows and receives; never waits. */
void flow_step(struct flow *flow);

/* All are sent, and have arrived or been given up. */
bool flow_done(const struct flow *flow);

/* The last packets that can arrive have arrived. */
bool flow_settled(const struct flow *flow);

/* Call when no packet is under way: counts those that did not arrive. */
void flow_finish(struct flow *flow);

#endif
