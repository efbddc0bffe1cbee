/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The composition root of the plugin: its parts, in the order of initialisation, in the DPDK
 * release that it was built for only. No logic. Runs in the constructor and the destructor of
 * librte_bus_pci_ext.so.
 */
#include <stddef.h>

#include <rte_bus.h>
#include <rte_common.h>

#include "backend/backend.h"
#include "bus/bus_ops.h"
#include "request/dispatch.h"
#include "common/log.h"
#include "release.h"
#include "telemetry.h"

PCI_EXT_LOG_REGISTER(root)

static const struct pci_ext_backend *const backends[] = {
	&pci_ext_backend_driver,
	&pci_ext_backend_iommufd, /* or, where EAL has no /dev/iommu: */
	&pci_ext_backend_vfio,
	NULL,
};

RTE_INIT(pci_ext_load)
{
	char refusal[DMAMAP_RELEASE_MESSAGE_SIZE];
	struct rte_bus *bus;

	if (!dmamap_release_fits(refusal)) {
		PCI_EXT_LOG(root, ERR, "%s", refusal);
		return;
	}
	bus = rte_bus_find_by_name("pci");
	if (bus == NULL) {
		PCI_EXT_LOG(root, ERR, "not loaded: no PCI bus in this program");
		return;
	}
	pci_ext_dispatch_init(backends);
	pci_ext_telemetry_register();
	pci_ext_bus_ops_install(bus);
}

RTE_FINI(pci_ext_unload)
{
	pci_ext_bus_ops_restore();
}
