/* SPDX-License-Identifier: BSD-3-Clause
 *
 * All started ports, polled together, and the expected frames. Main thread only.
 */
#ifndef CONFORMANCE_WATCH_H
#define CONFORMANCE_WATCH_H

#include "rig.h"

void watch_add(struct rig *rig);
void watch_remove(struct rig *rig);

/* The rig that sends to this one, or NULL. */
struct rig *watch_hears(const struct rig *rig);

/* Sends a frame from DPDK's memory; it has to be received within the span (NULL: anywhere). */
enum moved watch_catch(struct rig *from, struct rig *to, const struct span *span, uint32_t len);

/*
 * Sends frames until the posted buffers are all of to->rx_pool. Queues receive in order, so one
 * frame in a buffer of that pool is enough; but where drivers keep buffers, it may have been posted
 * when the pool was set up before, and a ring of frames is sent. False if none is received there.
 */
bool watch_cycle(struct rig *from, struct rig *to, uint32_t len);

#endif
