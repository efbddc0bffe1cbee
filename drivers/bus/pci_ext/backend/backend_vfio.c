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
 * explain may run in parallel.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/vfio.h>

#include "backend/backend.h"
#include "backend/container.h"
#include "backend/iommufd.h"
#include "common/log.h"
#include "memlock.h"
#include "common/memory.h"
#include "vma.h"

PCI_EXT_LOG_REGISTER(vfio)

#define ENTRY_LIMIT_FILE "/sys/module/vfio_iommu_type1/parameters/dma_entry_limit"

static bool
match(const struct pci_ext_target *target)
{
	return target->driver != NULL && target->on_vfio && !target->is_apart;
}

/* VFIO's type 1 maps whole CPU pages, even if the IOMMU has smaller ones. */
static uint64_t
granule(void)
{
	return pci_ext_page_size();
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
		.flags = VFIO_DMA_MAP_FLAG_READ,
		.vaddr = range->addr,
		.iova = range->iova,
		.size = range->len,
	};

	if (pci_ext_range_writes(range))
		map.flags |= VFIO_DMA_MAP_FLAG_WRITE;
	return ioctl(container, VFIO_IOMMU_MAP_DMA, &map) == 0 ? 0 : contract_error(errno);
}

/*
 * The kernel refuses a mapping that overlaps another one, so that a map of what is mapped fails,
 * and a map of what is not makes it again. EAL's own map would not tell.
 */
static int
confirm(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	int container = find_type1();
	int ret = container < 0 ? -EEXIST : map_by_kernel(container, range);

	return ret == 0 ? 1 : ret == -EEXIST ? 0 : ret;
}

static void
warn_of_nothing(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	PCI_EXT_LOG(vfio, WARNING,
		"%s: iova 0x%" PRIx64 " len 0x%" PRIx64 " was not mapped any more: it was ended by "
		"rte_vfio_container_dma_unmap(), or by memory of EAL there",
		target->name, range->iova, range->len);
}

/*
 * A kernel that serves the container by iommufd has two meanings of ENOENT. Type 1 returns 0 if
 * nothing is mapped, as newer kernels do here too, and EINVAL if a mapping reaches beyond the
 * range.
 */
static int
resolve_enoent(int container, const struct pci_ext_range *range, uint64_t *bytes)
{
	struct pci_ext_ioas ioas;

	if (pci_ext_iommufd_of_container(container, &ioas) &&
		!pci_ext_iommufd_is_used(&ioas, range)) {
		*bytes = 0;
		return 0;
	}
	return -EINVAL;
}

/*
 * *bytes: how many were mapped, which may be more or less than the range. With its last device the
 * container loses its IOMMU and all mappings; every call then returns EINVAL.
 */
static int
unmap_by_kernel(int container, const struct pci_ext_range *range, uint64_t *bytes)
{
	struct vfio_iommu_type1_info info;
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = range->iova,
		.size = range->len,
	};
	int error = ioctl(container, VFIO_IOMMU_UNMAP_DMA, &unmap) == 0 ? 0 : errno;

	*bytes = range->len;
	if (error == 0)
		*bytes = unmap.size;
	else if (error == ENOENT)
		return resolve_enoent(container, range, bytes);
	else if (error != EINVAL || pci_ext_container_read_info(container, &info, sizeof(info)))
		return contract_error(error);
	return 0;
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
map(const struct pci_ext_target *target, const struct pci_ext_range *range,
	const struct pci_ext_dmabuf *dmabuf)
{
	int container, ret;

	if (pci_ext_memory_eal_use(range->iova, range->len) != PCI_EXT_EAL_NONE)
		return -EEXIST;
	container = find_type1();
	if (container >= 0)
		return map_by_kernel(container, range);
	if (!pci_ext_range_writes(range)) /* EAL always asks for both */
		return -ENOTSUP;
	ret = pci_ext_container_map_by_eal(range);
	if (ret == 0)
		warn_about_eal(pci_ext_container_find());
	return contract_error(-ret);
}

static int
unmap(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	int container = find_type1();
	uint64_t bytes;
	int ret;

	if (container < 0)
		return contract_error(-pci_ext_container_unmap_by_eal(range));
	ret = unmap_by_kernel(container, range, &bytes);
	if (ret == 0 && bytes == 0)
		warn_of_nothing(target, range);
	return ret;
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

/* What an IOMMU that is not of type 1 refuses is not known: without one, nothing. */
static int
check(const struct pci_ext_range *range)
{
	const int container = pci_ext_container_find();
	struct vfio_iommu_type1_info info;
	struct pci_ext_windows windows;
	char vma[DMAMAP_VMA_TEXT];

	if (pci_ext_memory_eal_use(range->iova, range->len) != PCI_EXT_EAL_NONE)
		return -EEXIST;
	if (container < 0 || !pci_ext_container_read_info(container, &info, sizeof(info)))
		return 0;
	pci_ext_container_read_windows(container, &windows);
	if (!pci_ext_windows_accept(&windows, range))
		return -EINVAL;
	if (pci_ext_container_read_available(container) == 0 ||
		!dmamap_memlock_allows("VmLck:", range->len))
		return -ENOMEM;
	dmamap_vma_explain(range->addr, range->len, pci_ext_range_writes(range), vma);
	return vma[0] == '\0' ? 0 : -EFAULT;
}

static void
explain_enomem(int container, FILE *out)
{
	char limit[DMAMAP_MEMLOCK_SIZE];

	dmamap_memlock_format("VmLck:", limit);
	fprintf(out, "%s; dma_entry_limit of vfio_iommu_type1 is %lld, %lld left (-1: unknown)",
		limit, read_entry_limit(), pci_ext_container_read_available(container));
	if (container < 0)
		fputs("; EAL holds 256 user mappings at most", out);
}

static void
explain_einval(int container, const struct pci_ext_range *range, FILE *out)
{
	struct vfio_iommu_type1_info info;
	struct pci_ext_windows windows;

	pci_ext_container_read_windows(container, &windows);
	if (!pci_ext_windows_accept(&windows, range))
		pci_ext_windows_describe(&windows, out);
	else if (container >= 0 && !pci_ext_container_read_info(container, &info, sizeof(info)))
		fputs("EAL's VFIO container has no device", out);
}

static void
explain_eexist(const struct pci_ext_range *range, FILE *out)
{
	enum pci_ext_eal_use use = pci_ext_memory_eal_use(range->iova, range->len);

	if (use != PCI_EXT_EAL_NONE)
		pci_ext_memory_describe_eal_use(use, out);
	else
		fputs("the container has a mapping there that rte_dev_dma_map() has not made "
		      "(rte_vfio_container_dma_map(), or EAL's own memory)",
			out);
}

static void
explain(const struct pci_ext_range *range, int error, FILE *out)
{
	const int container = pci_ext_container_find();
	char vma[DMAMAP_VMA_TEXT];

	if (error == -ENOMEM)
		explain_enomem(container, out);
	else if (error == -EINVAL)
		explain_einval(container, range, out);
	else if (error == -EEXIST)
		explain_eexist(range, out);
	else if (error == -ENOTSUP)
		fputs("EAL's VFIO container is not known or not of type 1, and EAL itself maps for "
		      "reading and writing",
			out);
	else if (error == -EFAULT) {
		dmamap_vma_explain(range->addr, range->len, pci_ext_range_writes(range), vma);
		fputs(vma, out);
	}
}

const struct pci_ext_backend pci_ext_backend_vfio = {
	.name = "vfio",
	.shared = true,
	.match = match,
	.granule = granule,
	.map = map,
	.unmap = unmap,
	.confirm = confirm,
	.check = check,
	.explain = explain,
};
