/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * EAL in VFIO's cdev mode, as no release has it: a library to preload, whose functions take the
 * place of EAL's own. DPDK's programs, drivers and buses run on it unchanged.
 *
 * As in the series for EAL that is pending: the default container is an open /dev/iommu with one
 * IOAS, the first of its objects; EAL's own memory and its heaps are mapped there, page by page, in
 * IOVA-as-VA mode only; devices are opened one by one and attached to it. A program that maps by
 * EAL's own calls meets ENOTSUP: pci_ext has no need of them here.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

#include <rte_common.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>
#include <rte_vfio.h>

#include "backend/iommufd.h"
#include "backend/iommufd_uapi.h"
#include "vfio_cdev.h"

static struct pci_ext_ioas ioas = {.fd = -1}; /* constant once open */

static void
open_ioas(void)
{
	struct pci_ext_iommu_ioas_alloc alloc = {.size = sizeof(alloc)};
	int fd = open("/dev/iommu", O_RDWR | O_CLOEXEC);

	if (fd >= 0 && ioctl(fd, PCI_EXT_IOMMU_IOAS_ALLOC, &alloc) == 0)
		ioas = (struct pci_ext_ioas){.fd = fd, .id = alloc.out_ioas_id};
	else
		fprintf(stderr, "eal_cdev: no IOAS: %s\n", strerror(errno));
}

int
rte_vfio_get_container_fd(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, open_ioas);
	return ioas.fd;
}

int
rte_vfio_is_enabled(const char *modname)
{
	return rte_vfio_get_container_fd() >= 0;
}

int
rte_vfio_noiommu_is_enabled(void)
{
	return 0;
}

static int
map_page(const struct rte_memseg_list *msl, const struct rte_memseg *ms, void *arg)
{
	const struct pci_ext_range range = {ms->addr_64, ms->iova, ms->len};
	int ret;

	if ((msl->external && !msl->heap) || ms->iova == RTE_BAD_IOVA)
		return 0;
	ret = pci_ext_iommufd_map(&ioas, &range);
	if (ret != 0)
		fprintf(stderr, "eal_cdev: page at %p: %s\n", ms->addr, strerror(-ret));
	return ret;
}

static void
follow_memory(enum rte_mem_event type, const void *addr, size_t len, void *arg)
{
	const struct rte_memseg_list *msl = rte_mem_virt2memseg_list(addr);
	const struct rte_memseg *ms = rte_mem_virt2memseg(addr, msl);
	const struct pci_ext_range range = {(uintptr_t)addr, (uintptr_t)addr, len};
	size_t done;

	if (type == RTE_MEM_EVENT_FREE) {
		pci_ext_iommufd_unmap(&ioas, &range);
		return;
	}
	for (done = 0; done < len; done += ms++->len)
		map_page(msl, ms, NULL);
}

static pthread_once_t memory_once = PTHREAD_ONCE_INIT;
static int memory_result;

static void
map_memory(void)
{
	memory_result = rte_memseg_walk(map_page, NULL);
	if (memory_result == 0 && rte_mem_event_callback_register("eal_cdev", follow_memory, NULL))
		memory_result = -rte_errno;
}

/*
 * 1: the device is not VFIO's; EAL's bus then leaves it alone. So does a secondary process: a
 * device is opened once, and of the primary's external memory EAL shows it lists without pages.
 */
int
rte_vfio_setup_device(const char *sysfs_base, const char *dev_addr, int *vfio_dev_fd,
	struct vfio_device_info *device_info)
{
	int fd;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return 1;
	if (rte_vfio_get_container_fd() < 0 || rte_eal_iova_mode() != RTE_IOVA_VA)
		return -1;
	pthread_once(&memory_once, map_memory);
	if (memory_result != 0)
		return -1;
	fd = vfio_cdev_open(sysfs_base, dev_addr, ioas.fd, ioas.id);
	if (fd < 0) {
		fprintf(stderr, "eal_cdev: %s: %s\n", dev_addr, strerror(-fd));
		return fd == -ENOENT ? 1 : -1;
	}
	device_info->argsz = sizeof(*device_info);
	if (ioctl(fd, VFIO_DEVICE_GET_INFO, device_info) != 0) {
		close(fd);
		return -1;
	}
	*vfio_dev_fd = fd;
	return 0;
}

int
rte_vfio_release_device(const char *sysfs_base, const char *dev_addr, int fd)
{
	return close(fd);
}

static int
refuse(void)
{
	fprintf(stderr, "eal_cdev: EAL's own map or unmap was called\n");
	rte_errno = ENOTSUP;
	return -1;
}

int
rte_vfio_container_dma_map(int container, uint64_t addr, uint64_t iova, uint64_t len)
{
	return refuse();
}

int
rte_vfio_container_dma_unmap(int container, uint64_t addr, uint64_t iova, uint64_t len)
{
	return refuse();
}
