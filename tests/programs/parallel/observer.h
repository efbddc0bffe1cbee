/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * observer.h - a thread that queries pci_ext repeatedly, by pci_ext_mapping_iterate() and over the
 * telemetry socket, as a monitor does, while others map. One at a time; main thread only.
 */
#ifndef OBSERVER_H
#define OBSERVER_H

#include <stdbool.h>

struct observer_times {
	unsigned int rounds;		/* completed rounds */
	double iterate_ms;		/* longest time of a query */
	double telemetry_ms;
};

/* Returns 0 or -errno: fails without pci_ext or telemetry. */
int observer_start(void);

/* Waits for this many further rounds, for seconds at most. Returns whether they were completed. */
bool observer_wait(unsigned int rounds, unsigned int seconds);

/* Ends the thread and fills in times. Returns 0, or the error of a query. */
int observer_stop(struct observer_times *times);

#endif
