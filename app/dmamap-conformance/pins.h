/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the kernel counts as pinned for this process: VmPin (RDMA) and VmLck (VFIO). EAL's own
 * memory is pinned too when EAL takes more of it, so its growth is counted beside. Any thread.
 */
#ifndef CONFORMANCE_PINS_H
#define CONFORMANCE_PINS_H

#include <stdbool.h>

struct pins {
	long pinned;	/* kB */
	long locked;	/* kB */
	long eal;	/* kB that EAL took since pins_watch(), less what it gave back */
};

/* Follow EAL's memory from now on. */
void pins_watch(void);

struct pins pins_read(void);

/* kB that are pinned now and were not then, beyond what EAL took; at most 0: nothing. */
long pins_growth(const struct pins *then, const struct pins *now);

/* The device's driver has its pins counted by the kernel: mapping made a difference. */
bool pins_differ(const struct pins *then, const struct pins *now);

#endif
