/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * threads.h - those who use the devices while control makes and ends them: two that map and unmap, by
 * name and by struct rte_device; one that asks telemetry, one that reads statistics, and one that makes
 * and frees mempools.
 */
#ifndef LIFE_THREADS_H_
#define LIFE_THREADS_H_

#include <stdbool.h>

struct life;

/* False after a complaint. */
bool threads_start(struct life *life);

/* After life->stop. All is unmapped then. */
void threads_join(struct life *life);

#endif
