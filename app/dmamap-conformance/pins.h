/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Memory that the kernel counts as pinned for this process: VmPin (RDMA) and VmLck (VFIO). Growth
 * of EAL's own memory is pinned too, so it is counted here and subtracted. Any thread.
 */
#ifndef CONFORMANCE_PINS_H
#define CONFORMANCE_PINS_H

#include <stdbool.h>

struct pins {
	long pinned;	/* kB */
	long locked;	/* kB */
	long eal;	/* kB that EAL allocated since pins_watch(), less freed memory */
};

/* Starts to follow EAL's memory. */
void pins_watch(void);

struct pins pins_read(void);

/* kB pinned now beyond then and beyond EAL's growth; <= 0: no growth. */
long pins_growth(const struct pins *then, const struct pins *now);

/* Whether one of the kernel's counts changed, that is, it counts this driver's pins. */
bool pins_differ(const struct pins *then, const struct pins *now);

#endif
