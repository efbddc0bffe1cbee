/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dice.h - pseudorandom numbers, reproducible by the seed. Source: Steele, Lea and Flood, "Fast
 * splittable pseudorandom number generators", 2014 (SplitMix64).
 */
#ifndef LIFE_DICE_H_
#define LIFE_DICE_H_

#include <stdint.h>

struct dice {
	uint64_t state;
};

/* 0 to n - 1. */
static inline uint32_t
dice_roll(struct dice *dice, uint32_t n)
{
	uint64_t z = (dice->state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (z ^ (z >> 31)) % n;
}

#endif
