/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * container: see container.h. Owns the knowledge where the container is; any thread, since a
 * result that is computed twice is the same.
 */
#include <dirent.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/vfio.h>

#include <rte_common.h>
#include <rte_errno.h>
#include <rte_vfio.h>

#include "backend/container.h"
#include "common/log.h"

PCI_EXT_LOG_REGISTER(container)

#define VFIO_FILE "/dev/vfio/vfio"

bool
pci_ext_container_read_info(int fd, struct vfio_iommu_type1_info *info, size_t size)
{
	memset(info, 0, size);
	info->argsz = size;
	return ioctl(fd, VFIO_IOMMU_GET_INFO, info) == 0;
}

/* The description with its capabilities, of which Linux 6.12 has at most 3. */
union info {
	struct vfio_iommu_type1_info info;
	uint8_t bytes[4096];
};

/* The capability of that ID, of at least size bytes, or NULL. */
static const void *
find_capability(const union info *u, uint16_t id, size_t size)
{
	const struct vfio_info_cap_header *cap;
	uint32_t at;

	if ((u->info.flags & VFIO_IOMMU_INFO_CAPS) == 0)
		return NULL;
	for (at = u->info.cap_offset; at != 0 && at <= sizeof(*u) - size; at = cap->next) {
		cap = (const void *)&u->bytes[at];
		if (cap->id == id)
			return cap;
	}
	return NULL;
}

void
pci_ext_container_read_windows(int fd, struct pci_ext_windows *windows)
{
	const struct vfio_iommu_type1_info_cap_iova_range *cap = NULL;
	union info u;
	unsigned int i;

	*windows = (struct pci_ext_windows){0};
	if (fd >= 0 && pci_ext_container_read_info(fd, &u.info, sizeof(u)))
		cap = find_capability(&u, VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE,
			sizeof(*cap) + sizeof(cap->iova_ranges[0]) * PCI_EXT_WINDOWS_MAX);
	if (cap == NULL)
		return;
	windows->nb = cap->nr_iovas;
	for (i = 0; i < RTE_MIN(windows->nb, PCI_EXT_WINDOWS_MAX); i++)
		windows->at[i] =
			(struct pci_ext_window){cap->iova_ranges[i].start, cap->iova_ranges[i].end};
}

long long
pci_ext_container_read_available(int fd)
{
	const struct vfio_iommu_type1_info_dma_avail *cap = NULL;
	union info u;

	if (fd >= 0 && pci_ext_container_read_info(fd, &u.info, sizeof(u)))
		cap = find_capability(&u, VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL, sizeof(*cap));
	return cap == NULL ? -1 : (long long)cap->avail;
}

/* A container with an IOMMU has devices: a group must be attached before VFIO_SET_IOMMU. */
static bool
is_used_container(int fd, dev_t vfio)
{
	struct vfio_iommu_type1_info info;
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == vfio &&
	       pci_ext_container_read_info(fd, &info, sizeof(info));
}

/* The only one among the open files of this process. -1: none; -2: several. */
static int
search_files(dev_t vfio)
{
	const struct dirent *entry;
	DIR *dir = opendir("/proc/self/fd");
	int found = -1;

	if (dir == NULL)
		return -1;
	while (found != -2 && (entry = readdir(dir)) != NULL) {
		int fd = atoi(entry->d_name);

		if (fd > 0 && fd != dirfd(dir) && is_used_container(fd, vfio))
			found = found == -1 ? fd : -2;
	}
	closedir(dir);
	return found;
}

static int
search(void)
{
	static atomic_bool is_told;
	struct stat st;
	int fd = stat(VFIO_FILE, &st) == 0 ? search_files(st.st_rdev) : -1;

	if (fd >= 0)
		return fd;
	if (fd == -2 && !atomic_exchange(&is_told, true))
		PCI_EXT_LOG(container, WARNING,
			"this DPDK does not give its VFIO container away, and the process has "
			"several: mappings go through EAL, which accepts 256 and is slow; close "
			"other containers, or use DPDK 22.11.11, 25.11 or later");
	return -1;
}

/* EAL's, or -1 with *is_hidden if a second call opened another one. */
static int
ask_eal(bool *is_hidden)
{
	int fd = rte_vfio_get_container_fd(), again;

	*is_hidden = false;
	if (fd < 0)
		return -1;
	again = rte_vfio_get_container_fd();
	if (fd == again)
		return fd;
	*is_hidden = true;
	close(fd);
	if (again >= 0)
		close(again);
	return -1;
}

int
pci_ext_container_find(void)
{
	static atomic_bool is_hidden;
	static atomic_int hidden = -1; /* once found; EAL keeps it open */
	bool is_new = false;
	int fd = -1;

	if (!is_hidden) {
		fd = ask_eal(&is_new);
		is_hidden = is_new;
	}
	if (!is_hidden)
		return fd;
	if (hidden < 0)
		hidden = search();
	return hidden;
}

bool
pci_ext_container_is_noiommu(int fd)
{
	/* The core of VFIO answers this one for containers without an IOMMU driver. */
	return ioctl(fd, VFIO_CHECK_EXTENSION, VFIO_NOIOMMU_IOMMU) > 0;
}

typedef int (*eal_call_t)(int container, uint64_t addr, uint64_t iova, uint64_t len);

static int
call_eal(eal_call_t call, const struct pci_ext_range *range)
{
	int error;

	rte_errno = 0;
	errno = 0;
	if (call(RTE_VFIO_DEFAULT_CONTAINER_FD, range->addr, range->iova, range->len) == 0)
		return 0;
	error = rte_errno > 0 ? rte_errno : errno;
	return error == 0 ? -EIO : -error;
}

int
pci_ext_container_map_by_eal(const struct pci_ext_range *range)
{
	return call_eal(rte_vfio_container_dma_map, range);
}

int
pci_ext_container_unmap_by_eal(const struct pci_ext_range *range)
{
	return call_eal(rte_vfio_container_dma_unmap, range);
}
