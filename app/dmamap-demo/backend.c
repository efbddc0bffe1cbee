/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the inference of a backend that the pci_ext plugin does not report.
 */
#include <stdio.h>
#include <string.h>

#include <rte_bus.h>

#include "backend.h"
#include "on_vfio.h"
#include "plugin.h"

bool
backend_of(const struct rte_device *dev, bool mapped, char *name, size_t len)
{
	bool is_pci = strcmp(rte_bus_name(rte_dev_bus(dev)), "pci") == 0;
	bool vfio;

	if (is_pci && plugin_backend_of(rte_dev_name(dev), name, len))
		return false;
	if (!is_pci || !mapped) {
		snprintf(name, len, "none");
		return false;
	}
	vfio = on_vfio(rte_dev_name(dev)); /* otherwise only the driver can have mapped it */
	snprintf(name, len, "%s", vfio ? "vfio" : "driver");
	return vfio;
}
