/* SPDX-License-Identifier: BSD-3-Clause
 *
 * One Ethernet port with one queue pair: from configured to closed. Main thread only.
 */
#ifndef DMAMAP_DEMO_PORT_H
#define DMAMAP_DEMO_PORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_dev.h>
#include <rte_ether.h>
#include <rte_mbuf.h>

#include "plugin.h"
#include "region.h"

struct port {
	struct rte_device *dev;
	plugin_query_t query;		/* NULL: nobody knows what is mapped */
	uint16_t id;
	uint16_t n_rxd;
	uint16_t n_txd;
	bool configured;
	bool started;
	bool sends;			/* from the region, which is mapped */
	bool software;			/* passes mbufs on without a copy */
	struct rte_ether_addr mac;
	struct rte_mempool *pool;	/* on the region; NULL unless sends */
	struct rte_mempool *native;	/* DPDK's own memory */
	const struct region *region;
	struct port *peer;		/* receives the packets of this port; may be itself */

	uint64_t tx;
	uint64_t rx;
	uint64_t verified;
	uint64_t rx_expected;
};

/* Called by port_receive() for each packet. The packet is freed after it returns. */
typedef void (*port_packet_cb)(struct port *port, struct rte_mbuf *packet, void *arg);

/* One Rx and one Tx queue, MTU for packet_size. Returns 0 or -errno of ethdev. */
int port_configure(struct port *port, uint16_t id, uint32_t packet_size);

/* The number of mbufs for both rings and window packets in flight. */
uint32_t port_buffers(const struct port *port, uint32_t window);

/* Receive into rx_pool from now on. Returns 0 or -errno. */
int port_start(struct port *port, struct rte_mempool *rx_pool);

/* Stop; the rings release their buffers. */
void port_stop(struct port *port);

void port_close(struct port *port);

bool port_link_up(const struct port *port);

/* One packet, owned by the port if true is returned, by the caller if false (ring full). */
bool port_send(struct port *port, struct rte_mbuf *packet);

/* Poll once; returns the number of packets. */
unsigned int port_receive(struct port *port, port_packet_cb cb, void *arg);

/* Counters that are not zero, one a line. */
void port_print_counters(const struct port *port, FILE *out);

/* The value of an xstat, or -1 if the port does not have it. */
int64_t port_counter(const struct port *port, const char *name);

#endif
