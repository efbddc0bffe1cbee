/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * port: a PMD of DPDK with our callbacks. A port out of tree has its source and is edited; this is
 * a stand-in that makes the same edits in the PMD as it is installed, which must have been loaded
 * before: -d librte_net_e1000.so -d librte_net_vfio_pages.so.
 */
#include <string.h>

#include <rte_common.h>
#include <rte_errno.h>

#include "common/compat.h"
#include "port.h"
#include "release.h"

struct pmd {
	const char *name;
	rte_pci_probe_t *probe;
	rte_pci_remove_t *remove;
};

static struct pmd pmds[] = {
	{.name = "net_e1000_em"}, {.name = "net_e1000_igb"}, {.name = "net_vmxnet3"}};

static const struct pmd *
pmd_of(const struct rte_pci_device *pci)
{
	const char *name = pci_ext_compat_driver(pci)->driver.name;
	unsigned int i = 0;

	while (strcmp(pmds[i].name, name) != 0) /* it is one of them */
		i++;
	return &pmds[i];
}

/* >>> probe */
static int
probe(struct rte_pci_driver *driver, struct rte_pci_device *pci)
{
	const struct pmd *pmd = pmd_of(pci);
	int ret = pmd->probe(driver, pci);

	if (ret != 0)
		return ret;
	ret = vfio_pages_open(pci);
	if (ret != 0)
		pmd->remove(pci);
	return ret;
}

static int
remove_port(struct rte_pci_device *pci)
{
	vfio_pages_close(pci);
	return pmd_of(pci)->remove(pci);
}
/* <<< probe */

static void
edit(struct rte_pci_driver *driver, struct pmd *pmd)
{
	pmd->probe = driver->probe;
	pmd->remove = driver->remove;
	driver->probe = probe;
	driver->remove = remove_port;
	driver->dma_map = vfio_pages_dma_map;
	driver->dma_unmap = vfio_pages_dma_unmap;
}

static void
edit_if_known(pci_ext_listed_driver *listed)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(pmds); i++)
		if (strcmp(pmds[i].name, pci_ext_compat_name(listed)) == 0)
			edit(pci_ext_compat_pci_driver(listed), &pmds[i]);
}

RTE_INIT(vfio_pages_port)
{
	char refusal[DMAMAP_RELEASE_MESSAGE_SIZE];
	struct pci_ext_driver_list *drivers = NULL;
	struct rte_bus *bus = rte_bus_find_by_name("pci");
	pci_ext_listed_driver *listed;

	if (!dmamap_release_fits(refusal)) {
		rte_log(RTE_LOG_ERR, RTE_LOGTYPE_EAL, "vfio_pages: %s\n", refusal);
		return;
	}
	if (bus != NULL)
		drivers = pci_ext_compat_drivers(bus);
	if (drivers != NULL)
		TAILQ_FOREACH(listed, drivers, next)
			edit_if_known(listed);
}
