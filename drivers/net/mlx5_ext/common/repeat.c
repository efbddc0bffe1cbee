/* SPDX-License-Identifier: BSD-3-Clause */
#include <time.h>

#include "common/repeat.h"

#define SECOND UINT64_C(1000000000)

static uint64_t
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * SECOND + time.tv_nsec;
}

/* Relaxed, as it orders no other access. One of several concurrent callers writes the line. */
bool
mlx5x_repeat_is_due(struct mlx5x_repeat *repeat, uint64_t *skipped)
{
	uint64_t next = __atomic_load_n(&repeat->next, __ATOMIC_RELAXED), time = now();

	if (time < next || !__atomic_compare_exchange_n(&repeat->next, &next, time + SECOND, false,
			__ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
		__atomic_fetch_add(&repeat->skipped, 1, __ATOMIC_RELAXED);
		return false;
	}
	*skipped = __atomic_exchange_n(&repeat->skipped, 0, __ATOMIC_RELAXED);
	return true;
}
