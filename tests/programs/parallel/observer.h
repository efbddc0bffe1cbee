/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * observer.h - a thread that asks pci_ext again and again, by pci_ext_mapping_iterate() and over the
 * telemetry socket, as a monitor does, while others map. One at a time; main thread only.
 */
#ifndef OBSERVER_H
#define OBSERVER_H

#include <stdbool.h>

struct observer_times {
	unsigned int rounds;		/* that were answered */
	double iterate_ms;		/* the longest */
	double telemetry_ms;
};

/* Returns 0 or -errno: without pci_ext or without telemetry there is nothing to ask. */
int observer_start(void);

/* Wait for so many more rounds, for seconds at most. Returns whether they were answered. */
bool observer_wait(unsigned int rounds, unsigned int seconds);

/* Ends it; what has come is in times. Returns 0, or the error that it met. */
int observer_stop(struct observer_times *times);

#endif
