/* SPDX-License-Identifier: BSD-3-Clause
 *
 * All started ports, polled together, and the frames that are waited for. Main thread only.
 */
#ifndef CONFORMANCE_WATCH_H
#define CONFORMANCE_WATCH_H

#include "rig.h"

void watch_add(struct rig *rig);
void watch_remove(struct rig *rig);

/* The rig whose frames arrive at this one, or NULL. */
struct rig *watch_hears(const struct rig *rig);

/* A frame from DPDK's memory, from one to the other, has to arrive within the span. */
enum moved watch_catch(struct rig *from, struct rig *to, const struct span *span, uint32_t len);

#endif
