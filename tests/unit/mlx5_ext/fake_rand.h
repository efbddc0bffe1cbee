/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * EAL's random numbers in a program without rte_eal_init(), which from DPDK 24.11.2 and 25.03 on
 * seeds them: before, they are all 0. For one test program.
 */
#ifndef UNIT_FAKE_RAND_H
#define UNIT_FAKE_RAND_H

#include <rte_random.h>

/* A Weyl sequence: no number comes twice. */
uint64_t
rte_rand(void)
{
	static uint64_t n;

	return n += 0x9e3779b97f4a7c15;
}

#endif
