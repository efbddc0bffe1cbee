/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * naive: how not to do it. The same port with callbacks that call rte_vfio_container_dma_map(), and
 * so have its results.
 */
#include <rte_vfio.h>

#include "port.h"

/* >>> naive */
int
vfio_pages_dma_map(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len)
{
	return rte_vfio_container_dma_map(
		RTE_VFIO_DEFAULT_CONTAINER_FD, (uintptr_t)addr, iova, len);
}
/* <<< naive */

int
vfio_pages_dma_unmap(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len)
{
	return rte_vfio_container_dma_unmap(
		RTE_VFIO_DEFAULT_CONTAINER_FD, (uintptr_t)addr, iova, len);
}

int
vfio_pages_open(const struct rte_pci_device *pci)
{
	return 0;
}

void
vfio_pages_close(const struct rte_pci_device *pci)
{
}
