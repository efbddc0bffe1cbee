/* SPDX-License-Identifier: BSD-3-Clause */
/* random_number: xorshift64*, the same on every machine. The seed is not 0. */
#ifndef RANDOM_NUMBER_H
#define RANDOM_NUMBER_H

#include <stdint.h>

static uint64_t seed = 1;

static inline uint64_t
random_number(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * UINT64_C(0x2545f4914f6cdd1d);
}

#endif /* RANDOM_NUMBER_H */
