/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * flow.h - the numbered packets of one queue: sent, and taken in where the cable ends.
 *
 * Each byte depends on the packet's number, and so does the memory that it is sent from. A queue
 * pair keeps the order, so a number that is skipped is a packet lost.
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
	uint64_t sent;			/* handed to the port */
	uint64_t sent_unmapped;		/* of those: never to arrive */
	uint64_t verified;		/* arrived once, in order, each byte right */
	uint64_t lost;
	uint64_t wrong;			/* changed, twice, out of order, or from unmapped memory */
	double worst_ms;		/* longest wait for a packet while some were on their way */
	/* Its own. */
	uint64_t expected;		/* next number to arrive */
	uint64_t base;		/* first number still waited for */
	uint64_t base_unmapped;	/* how many below it were not to arrive */
	uint64_t last;			/* cycles, at the last arrival or when the wire was empty */
};

/* Sends what the window has room for and takes in what is there; never waits. */
void flow_step(struct flow *flow);

/* All is sent, and has arrived or been given up. */
bool flow_done(const struct flow *flow);

/* The last packets that can arrive have arrived. */
bool flow_settled(const struct flow *flow);

/* No packet is on its way any more: counts those that did not arrive. */
void flow_finish(struct flow *flow);

#endif
