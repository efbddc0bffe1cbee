/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Whether a device can still reach memory that was unmapped: what was seen, never what should be.
 */
#ifndef DMAMAP_DEMO_REACH_H
#define DMAMAP_DEMO_REACH_H

#include <stdbool.h>

#include "traffic.h"

enum reach {
	REACH_UNPROVEN,		/* nothing can be said: even mapped memory did not get through */
	REACH_REACHED,		/* the device read or wrote it */
	REACH_DROPPED,		/* the driver dropped the packet and counted it */
	REACH_BLANK,		/* a packet came, without any of the bytes */
	REACH_NOT_SENT,		/* no packet came, the next one did */
	REACH_STALLED,		/* no packet came, and the port had to be started again */
	REACH_UNTOUCHED,	/* of a copy: destination as before, source not read */
	REACH_SOFTWARE,		/* the CPU moves the bytes: no device to refuse */
};

const char *reach_text(enum reach reach);
bool reach_is_refusal(enum reach reach);

/*
 * The port's region is unmapped, all ports are started and receive into native memory. Sends
 * from native memory (must arrive), from the region, from native memory again.
 */
enum reach reach_try_port(const struct traffic *traffic, struct port *port);

#endif
