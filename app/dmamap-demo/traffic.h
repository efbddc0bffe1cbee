/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Frames between the ports of this process: discovery of the wiring, then counted and verified
 * flows. Main thread only; every wait is bounded.
 */
#ifndef DMAMAP_DEMO_TRAFFIC_H
#define DMAMAP_DEMO_TRAFFIC_H

#include <stdint.h>

#include "args.h"
#include "port.h"

struct traffic {
	struct port *ports;
	unsigned int n_ports;
	uint64_t run;			/* see struct pattern */
	const struct args *args;
};

/* Wait for all links, 10 s at most. */
void traffic_wait_links(const struct traffic *traffic);

/* Send marked frames from native memory until each port has a receiver; sets port->peer. */
void traffic_find_peers(struct traffic *traffic);

/*
 * From each port that sends to its peer: args->packets packets, at most args->window in flight.
 * Adds to tx of the sender, to rx, verified and rx_expected of its peer. Lost packets cause
 * different counts, and the counters of both ports are printed on stderr.
 */
void traffic_run(struct traffic *traffic);

/*
 * Send from native memory until each port has received into its native pool, a ring of frames at
 * most. Queues receive in order: what is posted is of that pool then. Some drivers keep posted
 * buffers over stop and rx_queue_setup (net_virtio), and would let a device write into them.
 */
void traffic_cycle(const struct traffic *traffic);

/* Poll each started port once. Returns the number of packets. */
unsigned int traffic_poll(const struct traffic *traffic, port_packet_cb cb, void *arg);

#endif
