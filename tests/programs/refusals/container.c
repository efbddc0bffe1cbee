/* SPDX-License-Identifier: BSD-3-Clause */
/* Other users of VFIO's container, and a container of this program's own. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/vfio.h>

#include <rte_errno.h>
#include <rte_memory.h>
#include <rte_vfio.h>

#include "../check.h"
#include "backend/container.h"
#include "device.h"
#include "rig.h"

/* By EAL's call. */
int
case_foreign(struct rig *rig)
{
	uint64_t addr = (uintptr_t)rig->mem;
	int error;

	check(rte_vfio_container_dma_map(RTE_VFIO_DEFAULT_CONTAINER_FD, addr, addr, rig->len) == 0,
		"rte_vfio_container_dma_map");
	error = rig_map(rig, 0, rig->len);
	check(rte_vfio_container_dma_unmap(RTE_VFIO_DEFAULT_CONTAINER_FD, addr, addr, rig->len) ==
		0, "rte_vfio_container_dma_unmap");
	return error;
}

/* As libraries do that call the kernel on EAL's container. */
static void
unmap_by_kernel(const struct rig *rig)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = (uintptr_t)rig->mem,
		.size = rig->len,
	};

	check(ioctl(pci_ext_container_find(), VFIO_IOMMU_UNMAP_DMA, &unmap) == 0,
		"VFIO_IOMMU_UNMAP_DMA");
}

/* The kernel has the mapping again: it refuses another one. */
static int
is_there(const struct rig *rig)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)rig->mem,
		.iova = (uintptr_t)rig->mem,
		.size = rig->len,
	};

	return ioctl(pci_ext_container_find(), VFIO_IOMMU_MAP_DMA, &map) != 0 && errno == EEXIST;
}

int
case_gone(struct rig *rig)
{
	int error;

	check(rig_map(rig, 0, rig->len) == 0, "the first map");
	unmap_by_kernel(rig);
	error = rig_map(rig, 0, rig->len);
	check(is_there(rig), "the kernel's mapping");
	check(rig_unmap(rig, 0, rig->len) == 0 && rig_unmap(rig, 0, rig->len) == 0, "two unmaps");
	return error;
}

int
case_unmap_of_nothing(struct rig *rig)
{
	check(rig_map(rig, 0, rig->len) == 0, "map");
	unmap_by_kernel(rig);
	return rig_unmap(rig, 0, rig->len);
}

static int
group_of(const char *device)
{
	char link[256], target[256];
	ssize_t n;

	snprintf(link, sizeof(link), "/sys/bus/pci/devices/%s/iommu_group", device);
	n = readlink(link, target, sizeof(target) - 1);
	check(n > 0, link);
	target[n] = '\0';
	return atoi(strrchr(target, '/') + 1);
}

int
case_own_container(const char *device)
{
	int container = rte_vfio_container_create();
	struct rig rig;
	int error;

	check(container >= 0, "rte_vfio_container_create");
	check(rte_vfio_container_group_bind(container, group_of(device)) >= 0,
		"rte_vfio_container_group_bind");
	check(rte_dev_probe(device) == 0, device);
	rig.dev = find_device(device);
	check(rig.dev != NULL, device);
	rig_make_memory(&rig);
	error = rig_map(&rig, 0, rig.len);
	check(rte_vfio_container_dma_map(container, (uintptr_t)rig.mem, (uintptr_t)rig.mem,
		rig.len) == 0, "rte_vfio_container_dma_map");
	rte_vfio_container_dma_unmap(container, (uintptr_t)rig.mem, (uintptr_t)rig.mem, rig.len);
	rig_free_memory(&rig);
	check(rte_dev_remove(rig.dev) == 0, "rte_dev_remove");
	return error;
}
