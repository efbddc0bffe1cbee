/* SPDX-License-Identifier: BSD-3-Clause */
/* traffic.h - packets of a started port to itself, and a comparison with its counters. */
#ifndef LIFE_TRAFFIC_H_
#define LIFE_TRAFFIC_H_

struct life;
struct side;

/*
 * From DPDK's memory, and from memory that is mapped for the device, or is not: packets from
 * accessible memory arrive, others are dropped and counted. Reports an error otherwise.
 */
void traffic_exact(struct life *life, struct side *side);

/* With an error in between, after which the port keeps working; packets may be lost. */
void traffic_with(struct life *life, struct side *side, const char *fault);

#endif
