/* SPDX-License-Identifier: BSD-3-Clause */
/* unclaimed.h - errors of EAL itself for a device without a DPDK driver. */
#ifndef UNCLAIMED_H
#define UNCLAIMED_H

#include <errno.h>

#include <rte_dev.h>
#include <rte_version.h>

/*
 * The expected errno of rte_dev_dma_map() and rte_dev_dma_unmap() if the contract requires error:
 * from DPDK 26.07 on EAL returns EINVAL for such a device without calling the bus (1d6019dab2).
 */
static inline int
unclaimed_error(const struct rte_device *dev, int error)
{
	unsigned int release = rte_version_year() * 100 + rte_version_month();

	return release >= 2607 && !rte_dev_is_probed(dev) ? EINVAL : error;
}

#endif
