/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tsc_khz.c - prints the rate of this machine's time stamp counter in kHz.
 *
 * In emulation the guest's counter is the host's. By default the guest measures it against an
 * emulated timer, and on a busy host the result is wrong by up to a factor of 30: its seconds
 * shrink, and so do all time limits in it. So the kernel gets the rate as an argument
 * (tsc_early_khz).
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <x86intrin.h>

static uint64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int
main(void)
{
	const struct timespec pause = {.tv_nsec = 50000000};
	uint64_t ns, ticks;

	ns = now_ns();
	ticks = __rdtsc();
	nanosleep(&pause, NULL);
	ns = now_ns() - ns;
	ticks = __rdtsc() - ticks;
	printf("%.0f\n", ticks * 1e6 / ns);
	return 0;
}
