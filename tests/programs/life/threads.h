/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * threads.h - the threads that use the devices while control creates and ends them: two that map
 * and unmap, by name and by struct rte_device; one that queries telemetry, one that reads
 * statistics, and one that creates and frees mempools.
 */
#ifndef LIFE_THREADS_H_
#define LIFE_THREADS_H_

#include <stdbool.h>

struct life;

/* False after a reported error. */
bool threads_start(struct life *life);

/* After life->stop is set. All ranges are unmapped then. */
void threads_join(struct life *life);

#endif
