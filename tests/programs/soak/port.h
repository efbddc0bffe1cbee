/* SPDX-License-Identifier: BSD-3-Clause */
/* port.h - the port in loopback: device, queues, counters. */
#ifndef SOAK_PORT_H
#define SOAK_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include <rte_ether.h>
#include <rte_mempool.h>

#define PORT_RING 1024

struct port {
	bool interrupts;		/* Rx interrupts; set before the start, as is removal */
	bool removal;			/* RTE_ETH_EVENT_INTR_RMV */
	uint16_t id;
	struct rte_ether_addr mac;
	struct rte_mempool *pool;	/* pool of received packets */
};

/* Starts the port of that device and waits for its link. Returns 0, or -errno after a message. */
int port_start(struct port *port, const char *device, uint16_t queues, uint32_t frame);
void port_stop(struct port *port);

/* Returns 0, or -ENETDOWN without a link after some seconds. */
int port_wait_link(const struct port *port);

/* All extended counters that are not 0. The caller owns the result. */
json_t *port_counters(const struct port *port);

#endif
