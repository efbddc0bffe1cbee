/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * repeat: owns the time of the last line for each device. Atomics are relaxed, as they order
 * nothing else; the compare-and-swap lets one of several threads write a line that is due.
 */
#include <stdatomic.h>
#include <time.h>

#include "request/repeat.h"

#define SECOND UINT64_C(1000000000)
#define SLOTS  64

static struct {
	_Atomic uint64_t next; /* nanoseconds of CLOCK_MONOTONIC: when a line is due again */
	_Atomic uint64_t skipped;
} slots[SLOTS];

static uint64_t
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * SECOND + time.tv_nsec;
}

/* FNV-1a. */
static uint32_t
slot_of(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name != '\0'; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	return (hash ^ hash >> 16) % SLOTS;
}

bool
pci_ext_repeat_is_due(const char *name, uint64_t *skipped)
{
	uint32_t i = slot_of(name);
	uint64_t time = now(), next;

	next = atomic_load_explicit(&slots[i].next, memory_order_relaxed);
	if (time < next || !atomic_compare_exchange_strong_explicit(&slots[i].next, &next,
				   time + SECOND, memory_order_relaxed, memory_order_relaxed)) {
		atomic_fetch_add_explicit(&slots[i].skipped, 1, memory_order_relaxed);
		return false;
	}
	*skipped = atomic_exchange_explicit(&slots[i].skipped, 0, memory_order_relaxed);
	return true;
}
