/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Whether a device can still access unmapped memory, by observation alone.
 */
#ifndef DMAMAP_DEMO_REACH_H
#define DMAMAP_DEMO_REACH_H

#include <stdbool.h>

#include "traffic.h"

enum reach {
	REACH_UNPROVEN,		/* inconclusive: no packet from mapped memory was received either */
	REACH_REACHED,		/* the device read or wrote it */
	REACH_DROPPED,		/* the driver dropped the packet and counted it */
	REACH_BLANK,		/* a packet was received, without any of the bytes */
	REACH_NOT_SENT,		/* no packet was received, but the next one was */
	REACH_STALLED,		/* no packet was received, and the port had to be restarted */
	REACH_UNTOUCHED,	/* of a copy: destination as before, source not read */
	REACH_SOFTWARE,		/* the CPU moves the bytes: no device to refuse */
};

const char *reach_text(enum reach reach);
bool reach_is_refusal(enum reach reach);

/*
 * The port's region must be unmapped, all ports started with Rx in native memory. Sends from native
 * memory (must be received), from the region, from native memory again.
 */
enum reach reach_try_port(const struct traffic *traffic, struct port *port);

#endif
