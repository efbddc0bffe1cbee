/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * kernel: VFIO's default container, without rte_vfio_container_dma_map(), which takes EEXIST for
 * success, holds 256 mappings, and does not tell the kernel's error.
 */
#include <errno.h>
#include <sys/ioctl.h>

#include <linux/vfio.h>

#include "backend/container.h"
#include "pages.h"

/* >>> kernel */
/* An errno of the kernel as a result of the contract. */
static int
contract_error(int error)
{
	switch (error) {
	case ENOSPC: /* dma_entry_limit */
		return -ENOMEM;
	case ENODEV: /* the container has no device any more */
		return -EINVAL;
	default:
		return -error;
	}
}

int
vfio_pages_kernel_map(const struct vfio_pages_range *pages)
{
	const int container = pci_ext_container_find();
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = pages->addr,
		.iova = pages->iova,
		.size = pages->len,
	};

	if (container < 0)
		return -ENOTSUP;
	return ioctl(container, VFIO_IOMMU_MAP_DMA, &map) == 0 ? 0 : contract_error(errno);
}

/* With its last device the container has lost all mappings. */
int
vfio_pages_kernel_unmap(const struct vfio_pages_range *pages)
{
	const int container = pci_ext_container_find();
	struct vfio_iommu_type1_info info;
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = pages->iova,
		.size = pages->len,
	};
	int error;

	if (container < 0 || ioctl(container, VFIO_IOMMU_UNMAP_DMA, &unmap) == 0)
		return 0;
	error = errno;
	if (error == EINVAL && !pci_ext_container_read_info(container, &info, sizeof(info)))
		return 0;
	return contract_error(error);
}
/* <<< kernel */
