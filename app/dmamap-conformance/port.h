/* SPDX-License-Identifier: BSD-3-Clause
 *
 * An ethdev port as a rig: packets built from any memory, sent, and recognised where they arrive.
 * For the cases that are about packets; the others need only struct rig_ops. Main thread only.
 */
#ifndef CONFORMANCE_PORT_H
#define CONFORMANCE_PORT_H

#include <rte_mbuf.h>

#include "rig.h"

#define PORT_FRAME_MAX 16384

/* A frame with marked bytes behind its Ethernet header, from the rig to its peer. */
void port_frame(const struct rig *rig, void *at, uint32_t len, uint64_t seq);

/* An mbuf whose data is the span, attached as external memory. NULL: no mbuf. */
struct rte_mbuf *port_attach(const struct rig *rig, const struct span *span);

/*
 * Send the packet, which is the frame seq of len bytes, then one from DPDK's memory through the
 * same queue: what comes before that one is all there is to come. Consumes the packet.
 */
enum moved port_round(struct rig *rig, uint16_t queue, struct rte_mbuf *packet, uint64_t seq,
	uint32_t len);

/* A packet from DPDK's memory gets through the queue, within ms of this thread's time. */
bool port_control(struct rig *rig, uint16_t queue, unsigned int ms);

/* A packet from DPDK's memory arrives at the port, likewise. */
bool port_hears(const struct rig *rig, unsigned int ms);

/* Send n frames to the rig without waiting for them, from the port that it hears. */
void port_flood(struct rig *rig, unsigned int n);

/* Receive and drop what is there. */
void port_drain(void);

/* The port receives into this pool from now on; NULL: into its own. Restarts it. 0 or -errno. */
int port_receive_into(struct rig *rig, struct rte_mempool *pool);

/* A pool with its buffers on the span. NULL with rte_errno. */
struct rte_mempool *port_pool_on(const struct span *span);

/* With another MTU from now on; both ends. Returns 0 or -errno. */
int port_set_mtu(struct rig *rig, uint32_t mtu);

/* The sum of extended counters whose name has the text; -1 where there is none. */
int64_t port_counter(const struct rig *rig, const char *text);

/* The sum of counters whose growth tells that something went wrong; 0 of what is no port. */
int64_t port_errors(const struct rig *rig);

#endif
