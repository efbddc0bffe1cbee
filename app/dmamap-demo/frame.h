/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A pattern as an Ethernet frame in an mbuf. Main thread only.
 */
#ifndef DMAMAP_DEMO_FRAME_H
#define DMAMAP_DEMO_FRAME_H

#include <rte_ether.h>
#include <rte_mbuf.h>

#include "pattern.h"

/* IEEE 802 local experimental Ethertype 1: not used by other traffic. */
#define FRAME_ETHER_TYPE 0x88b5

/* Longer frames are not the demo's. */
#define FRAME_MAX_LEN 16384

/*
 * A frame of len bytes, Ethernet header included, with the pattern behind the header.
 * Returns NULL when the pool is empty. The caller owns it.
 */
struct rte_mbuf *frame_new(struct rte_mempool *pool, uint32_t len, const struct rte_ether_addr *to,
	const struct rte_ether_addr *from, const struct pattern *pattern);

/* True and *pattern set when the packet is a frame of this run of whatever length. */
bool frame_read(const struct rte_mbuf *packet, uint64_t run, struct pattern *pattern);

/* True when the packet is exactly the frame that frame_new(len, pattern) made. */
bool frame_equal(const struct rte_mbuf *packet, uint32_t len, const struct pattern *pattern);

/* True when any part of the packet is the pattern's, whatever its header says. */
bool frame_leaks(const struct rte_mbuf *packet, const struct pattern *pattern);

#endif
