/* SPDX-License-Identifier: BSD-3-Clause */
/* The call of dev_supported_ptypes_get, which asks for the length of the list from DPDK 24.03 on. */
#ifndef UNIT_COMPAT_PTYPES_H
#define UNIT_COMPAT_PTYPES_H

#include <stddef.h>
#include <stdint.h>

#include <ethdev_driver.h>
#include <rte_version.h>

/* The list, and in n its length, or SIZE_MAX where DPDK does not ask for it. */
static inline const uint32_t *
compat_ptypes_get(struct rte_eth_dev *dev, size_t *n)
{
	*n = SIZE_MAX;
#if RTE_VERSION >= RTE_VERSION_NUM(24, 3, 0, 0)
	return dev->dev_ops->dev_supported_ptypes_get(dev, n);
#else
	return dev->dev_ops->dev_supported_ptypes_get(dev);
#endif
}

#endif
