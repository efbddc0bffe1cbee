/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * device.h - a PCI device by its name.
 */
#ifndef TESTS_DEVICE_H
#define TESTS_DEVICE_H

#include <string.h>

#include <rte_dev.h>

/* NULL if the device has no driver. */
static inline struct rte_device *
find_device(const char *name)
{
	struct rte_dev_iterator it;
	struct rte_device *dev, *found = NULL;

	RTE_DEV_FOREACH(dev, "bus=pci", &it)
		if (strcmp(rte_dev_name(dev), name) == 0)
			found = dev;
	return found;
}

#endif
