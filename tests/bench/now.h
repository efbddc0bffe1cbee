/* SPDX-License-Identifier: BSD-3-Clause */
/* now.h - a monotonic clock for benchmarks. */
#ifndef BENCH_NOW_H
#define BENCH_NOW_H

#include <time.h>

static inline double
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static inline double
now_us(void)
{
	return now_ns() / 1e3;
}

#endif
