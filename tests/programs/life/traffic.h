/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * traffic.h - packets of a started port to itself, and whether the port's counters know of each.
 */
#ifndef LIFE_TRAFFIC_H_
#define LIFE_TRAFFIC_H_

struct life;
struct side;

/*
 * From memory of DPDK, and from memory that is mapped for it, or is not: all that can arrives, and the
 * rest is dropped and counted. Complains if not.
 */
void traffic_exact(struct life *life, struct side *side);

/* With an error in between, after which the port goes on, at the price of packets. */
void traffic_with(struct life *life, struct side *side, const char *fault);

#endif
