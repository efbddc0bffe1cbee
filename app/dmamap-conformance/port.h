/* SPDX-License-Identifier: BSD-3-Clause
 *
 * An ethdev port as a rig: packets built from any memory, sent, and recognised on arrival. For
 * cases about packets; the others use struct rig_ops only. Main thread only.
 */
#ifndef CONFORMANCE_PORT_H
#define CONFORMANCE_PORT_H

#include <rte_mbuf.h>

#include "rig.h"

#define PORT_FRAME_MAX 16384

/* Writes a frame from the rig to its peer, with marked bytes behind its Ethernet header. */
void port_frame(const struct rig *rig, void *at, uint32_t len, uint64_t seq);

/* An mbuf whose data is the span, attached as external memory. NULL: no mbuf. */
struct rte_mbuf *port_attach(const struct rig *rig, const struct span *span);

/*
 * Sends the packet, which is frame seq of len bytes, then a control packet from DPDK's memory
 * through the same queue: when that arrives, the packet has arrived or was lost. Consumes the
 * packet.
 */
enum moved port_round(struct rig *rig, uint16_t queue, struct rte_mbuf *packet, uint64_t seq,
	uint32_t len);

/*
 * Whether a packet from DPDK's memory gets through the queue within ms of this thread's CPU time.
 */
bool port_control(struct rig *rig, uint16_t queue, unsigned int ms);

/* Whether a packet from DPDK's memory arrives at the port, likewise. */
bool port_hears(const struct rig *rig, unsigned int ms);

/*
 * Sends n frames to the rig from the port connected to it, and waits until that port has sent what
 * it accepted. False if it accepted none, or has not sent all in time.
 */
bool port_flood(struct rig *rig, unsigned int n);

/*
 * Receives frames until all posted buffers are of the pool that was set up last: some drivers keep
 * posted buffers over stop and rx_queue_setup (net_virtio). False if no frame arrives in such.
 */
bool port_cycle(struct rig *rig);

/* Restarts the port with its own pool, and cycles. False if it does not send or receive then. */
bool port_receive_as_before(struct rig *rig);

/* Receives and drops pending packets. */
void port_drain(void);

/* Restarts the port with this pool for its Rx queues; NULL: with its own. Returns 0 or -errno. */
int port_receive_into(struct rig *rig, struct rte_mempool *pool);

/* A pool with its buffers on the span. NULL with rte_errno set. */
struct rte_mempool *port_pool_on(const struct span *span);

/* Sets the MTU of both ends. Returns 0 or -errno. */
int port_set_mtu(struct rig *rig, uint32_t mtu);

/* Sum of the extended counters whose name contains the text; -1 if there is none. */
int64_t port_counter(const struct rig *rig, const char *text);

/* Sum of the error counters; 0 if the rig is not a port. */
int64_t port_errors(const struct rig *rig);

#endif
