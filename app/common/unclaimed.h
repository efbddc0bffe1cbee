/* SPDX-License-Identifier: BSD-3-Clause */
/* unclaimed.h - what EAL itself returns for a device that no driver has claimed. */
#ifndef UNCLAIMED_H
#define UNCLAIMED_H

#include <errno.h>

#include <rte_dev.h>
#include <rte_version.h>

/*
 * The errno to expect of rte_dev_dma_map() and rte_dev_dma_unmap() where the contract demands error:
 * from DPDK 26.07 on EAL returns EINVAL for such a device, and the bus is not asked (1d6019dab2).
 */
static inline int
unclaimed_error(const struct rte_device *dev, int error)
{
	unsigned int release = rte_version_year() * 100 + rte_version_month();

	return release >= 2607 && !rte_dev_is_probed(dev) ? EINVAL : error;
}

#endif
