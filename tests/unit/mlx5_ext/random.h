/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * random.h - numbers that a seed repeats, the same on every machine. For one test program.
 */
#ifndef UNIT_RANDOM_H
#define UNIT_RANDOM_H

#include <stdint.h>

/* The seed, at first. */
static uint32_t random_state;

static inline uint32_t
random_below(uint32_t n)
{
	random_state = random_state * 1103515245 + 12345;
	return (random_state >> 8) % n;
}

#endif
