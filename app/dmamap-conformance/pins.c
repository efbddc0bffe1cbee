/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Reads /proc/self/status.
 */
#include <stdatomic.h>
#include <stdio.h>

#include <rte_memory.h>

#include "pins.h"

static _Atomic long eal_kb;

static void
on_memory(enum rte_mem_event event, const void *addr, size_t len, void *arg)
{
	long kb = (long)(len >> 10);

	atomic_fetch_add(&eal_kb, event == RTE_MEM_EVENT_ALLOC ? kb : -kb);
}

void
pins_watch(void)
{
	/* Fails in legacy mode, where EAL's memory does not grow. */
	rte_mem_event_callback_register("conformance", on_memory, NULL);
}

struct pins
pins_read(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	struct pins pins = {.eal = atomic_load(&eal_kb)};
	char line[256];

	while (status != NULL && fgets(line, sizeof(line), status) != NULL) {
		if (sscanf(line, "VmPin: %ld", &pins.pinned) == 1)
			continue;
		sscanf(line, "VmLck: %ld", &pins.locked);
	}
	if (status != NULL)
		fclose(status);
	return pins;
}

static long
growth(long then, long now, long eal)
{
	long grown = now - then;

	/* The kernel counts EAL's memory in one of them or in none, depending on the device. */
	return grown > 0 && eal > 0 ? (grown > eal ? grown - eal : 0) : grown;
}

long
pins_growth(const struct pins *then, const struct pins *now)
{
	long eal = now->eal - then->eal;
	long pinned = growth(then->pinned, now->pinned, eal);
	long locked = growth(then->locked, now->locked, eal);

	return pinned > locked ? pinned : locked;
}

bool
pins_differ(const struct pins *then, const struct pins *now)
{
	return then->pinned != now->pinned || then->locked != now->locked;
}
