/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The backend of a device on vfio-pci: maps in VFIO's default container, to which EAL adds every
 * device.
 *
 * On an IOMMU of type 1 it calls the kernel directly, on EAL's container. EAL's own functions take
 * the kernel's EEXIST for success and so hide a conflict, hold 256 user mappings at most, sort all
 * of them on every call, leave rte_errno stale, and map again by themselves the ranges that
 * registry replays. Other IOMMUs (sPAPR, no-IOMMU) need more than one ioctl: there EAL is called.
 *
 * registry calls map and unmap from any thread, one at a time, which guards the state here;
 * dispatch calls describe_limits, possibly in parallel.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "backend.h"
#include "container.h"
#include "iommufd.h"
#include "log.h"
#include "memlock.h"
#include "memory.h"

PCI_EXT_LOG_REGISTER(vfio)

#define ENTRY_LIMIT_FILE "/sys/module/vfio_iommu_type1/parameters/dma_entry_limit"

static bool
match(const struct pci_ext_target *target)
{
	return target->driver != NULL && target->on_vfio;
}

/* VFIO's type 1 maps whole CPU pages, even if the IOMMU has smaller ones. */
static uint64_t
granule(void)
{
	return sysconf(_SC_PAGESIZE);
}

/* The container for ioctls, or -1 if EAL has to be called. */
static int
find_type1(void)
{
	static int type1 = -1; /* the type of a container does not change */
	struct vfio_iommu_type1_info info;
	int container = pci_ext_container_find();

	if (container >= 0 && container != type1 &&
		pci_ext_container_read_info(container, &info, sizeof(info)))
		type1 = container;
	return container >= 0 && container == type1 ? container : -1;
}

/* Convert an errno of the kernel or of EAL to a result of the contract. */
static int
contract_error(int error)
{
	switch (error) {
	case ENOSPC: /* the container's dma_entry_limit */
		return -ENOMEM;
	case ENODEV: /* the container has no open device */
		return -EINVAL;
	default:
		return -error;
	}
}

static int
map_by_kernel(int container, const struct pci_ext_range *range)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = range->addr,
		.iova = range->iova,
		.size = range->len,
	};

	return ioctl(container, VFIO_IOMMU_MAP_DMA, &map) == 0 ? 0 : contract_error(errno);
}

/*
 * A kernel that serves the container by iommufd has two meanings of ENOENT. Type 1 returns 0 if
 * nothing is mapped, as newer kernels do here too, and EINVAL if a mapping reaches beyond the
 * range.
 */
static int
resolve_enoent(int container, const struct pci_ext_range *range)
{
	struct pci_ext_ioas ioas;

	if (pci_ext_iommufd_of_container(container, &ioas) &&
		!pci_ext_iommufd_is_used(&ioas, range))
		return 0;
	return -EINVAL;
}

/*
 * A short unmap.size is fine: the range is unmapped either way. With its last device the container
 * loses its IOMMU and all mappings; every call then returns EINVAL.
 */
static int
unmap_by_kernel(int container, const struct pci_ext_range *range)
{
	struct vfio_iommu_type1_info info;
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = range->iova,
		.size = range->len,
	};

	int error = ioctl(container, VFIO_IOMMU_UNMAP_DMA, &unmap) == 0 ? 0 : errno;

	if (error == 0 ||
		(error == EINVAL && !pci_ext_container_read_info(container, &info, sizeof(info))))
		return 0;
	if (error == ENOENT)
		return resolve_enoent(container, range);
	return contract_error(error);
}

/* Logged once: neither no protection nor EAL's limits should surprise. */
static void
warn_about_eal(int container)
{
	static bool is_logged;

	if (is_logged)
		return;
	is_logged = true;
	if (container >= 0 && pci_ext_container_is_noiommu(container))
		PCI_EXT_LOG(vfio, WARNING,
			"VFIO runs without an IOMMU: devices can access all memory, mapped or not");
	PCI_EXT_LOG(vfio, WARNING,
		"mappings go through EAL, which accepts 256 and sorts them on each call: %s",
		container < 0 ? "its VFIO container is not known" : "the IOMMU is not of type 1");
}

static int
map(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	int container, ret;

	if (pci_ext_memory_is_mapped_by_eal(range->iova, range->len))
		return -EEXIST;
	container = find_type1();
	if (container >= 0)
		return map_by_kernel(container, range);
	ret = pci_ext_container_map_by_eal(range);
	if (ret == 0)
		warn_about_eal(pci_ext_container_find());
	return contract_error(-ret);
}

static int
unmap(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	int container = find_type1();

	if (container >= 0)
		return unmap_by_kernel(container, range);
	return contract_error(-pci_ext_container_unmap_by_eal(range));
}

/* How many more mappings the container accepts, or -1 if the kernel does not report it. */
static long long
read_available(int container)
{
	union {
		struct vfio_iommu_type1_info info;
		uint8_t bytes[4096];
	} u;
	const struct vfio_iommu_type1_info_dma_avail *avail;
	const struct vfio_info_cap_header *cap;
	uint32_t at;

	if (container < 0 || !pci_ext_container_read_info(container, &u.info, sizeof(u)) ||
		(u.info.flags & VFIO_IOMMU_INFO_CAPS) == 0)
		return -1;
	for (at = u.info.cap_offset; at != 0 && at <= sizeof(u) - sizeof(*avail); at = cap->next) {
		cap = (const void *)&u.bytes[at];
		avail = (const void *)cap;
		if (cap->id == VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL)
			return avail->avail;
	}
	return -1;
}

static long long
read_entry_limit(void)
{
	long long limit = -1;
	FILE *f = fopen(ENTRY_LIMIT_FILE, "r");

	if (f == NULL)
		return limit;
	if (fscanf(f, "%lld", &limit) != 1)
		limit = -1;
	fclose(f);
	return limit;
}

static void
describe_limits(char *buf, size_t size)
{
	int container = pci_ext_container_find();
	char bytes[PCI_EXT_MEMLOCK_SIZE];

	pci_ext_memlock_format(bytes);
	snprintf(buf, size,
		"RLIMIT_MEMLOCK is %s; dma_entry_limit of vfio_iommu_type1 is %lld, %lld left "
		"(-1: unknown)%s",
		bytes, read_entry_limit(), read_available(container),
		container < 0 ? "; EAL holds 256 user mappings at most" : "");
}

const struct pci_ext_backend pci_ext_backend_vfio = {
	.name = "vfio",
	.shared = true,
	.match = match,
	.granule = granule,
	.map = map,
	.unmap = unmap,
	.describe_limits = describe_limits,
};
