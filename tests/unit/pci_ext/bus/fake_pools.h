/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fake_pools.h - a fake of pools.h, whose calls are noted: after note() of the test. For one test
 * program.
 */
#ifndef FAKE_POOLS_H
#define FAKE_POOLS_H

#include "bus/pools.h"

void
pci_ext_pools_watch(void)
{
	note('m', "");
}

#endif /* FAKE_POOLS_H */
