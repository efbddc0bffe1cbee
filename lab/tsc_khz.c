/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tsc_khz.c - prints the rate of this machine's time stamp counter in kHz.
 *
 * In emulation the guest's counter is the host's. By default the guest measures it against an
 * emulated timer, and on a busy host the result is wrong by up to a factor of 30: its seconds
 * shrink, and so do all time limits in it. So the kernel gets the rate as an argument
 * (tsc_early_khz).
 *
 * On a busy host this program, too, stands still between two instructions, for longer than it
 * measures. So a moment is the closest of many readings of both clocks.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <x86intrin.h>

#define READINGS 64

struct moment {
	uint64_t ns;
	uint64_t ticks;
};

static uint64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct moment
now(void)
{
	struct moment best = {0};
	uint64_t closest = UINT64_MAX;
	int i;

	for (i = 0; i < READINGS; i++) {
		uint64_t before = __rdtsc(), ns = now_ns(), after = __rdtsc();

		if (after - before >= closest)
			continue;
		closest = after - before;
		best = (struct moment){.ns = ns, .ticks = before};
	}
	return best;
}

int
main(void)
{
	const struct timespec pause = {.tv_nsec = 50000000};
	struct moment first, last;

	first = now();
	nanosleep(&pause, NULL);
	last = now();
	printf("%.0f\n", (last.ticks - first.ticks) * 1e6 / (last.ns - first.ns));
	return 0;
}
