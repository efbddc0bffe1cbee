/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * iommufd: see iommufd.h. One ioctl each; no state.
 */
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "backend/iommufd.h"
#include "backend/iommufd_uapi.h"

#define DEVICE "/dev/iommu"

/* By device number: its path may be another one here than where it was opened. */
bool
pci_ext_iommufd_is_device(int fd)
{
	struct stat opened, device;

	return fstat(fd, &opened) == 0 && S_ISCHR(opened.st_mode) && stat(DEVICE, &device) == 0 &&
	       S_ISCHR(device.st_mode) && opened.st_rdev == device.st_rdev;
}

static int
call(int fd, unsigned long request, void *argument)
{
	return ioctl(fd, request, argument) == 0 ? 0 : -errno;
}

bool
pci_ext_iommufd_of_container(int container, struct pci_ext_ioas *ioas)
{
	struct pci_ext_iommu_vfio_ioas get = {
		.size = sizeof(get),
		.op = PCI_EXT_IOMMU_VFIO_IOAS_GET,
	};

	if (call(container, PCI_EXT_IOMMU_VFIO_IOAS, &get) != 0)
		return false;
	*ioas = (struct pci_ext_ioas){.fd = container, .id = get.ioas_id};
	return true;
}

int
pci_ext_iommufd_windows(
	const struct pci_ext_ioas *ioas, struct pci_ext_window *windows, uint32_t size)
{
	struct pci_ext_iommu_ioas_iova_ranges ranges = {
		.size = sizeof(ranges),
		.ioas_id = ioas->id,
		.num_iovas = size,
		.allowed_iovas = (uintptr_t)windows, /* the same layout */
	};
	int ret = call(ioas->fd, PCI_EXT_IOMMU_IOAS_IOVA_RANGES, &ranges);

	/* EMSGSIZE: the array is full, and num_iovas the number of all. */
	return ret == 0 || ret == -EMSGSIZE ? (int)ranges.num_iovas : ret;
}

int
pci_ext_iommufd_map(const struct pci_ext_ioas *ioas, const struct pci_ext_range *range)
{
	struct pci_ext_iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = PCI_EXT_IOMMU_FIXED_IOVA | PCI_EXT_IOMMU_READABLE |
			 (pci_ext_range_writes(range) ? PCI_EXT_IOMMU_WRITEABLE : 0),
		.ioas_id = ioas->id,
		.user_va = range->addr,
		.length = range->len,
		.iova = range->iova,
	};

	return call(ioas->fd, PCI_EXT_IOMMU_IOAS_MAP, &map);
}

static int
unmap(const struct pci_ext_ioas *ioas, uint64_t iova, uint64_t len)
{
	struct pci_ext_iommu_ioas_unmap unmap = {
		.size = sizeof(unmap),
		.ioas_id = ioas->id,
		.iova = iova,
		.length = len,
	};

	return call(ioas->fd, PCI_EXT_IOMMU_IOAS_UNMAP, &unmap);
}

/*
 * There is no query. A copy of the page onto itself fails in any case: ENOENT if the page is not
 * mapped, else EEXIST. It succeeds if another thread unmaps the page within the call, and would
 * bring the mapping back.
 */
static bool
is_page_mapped(const struct pci_ext_ioas *ioas, uint64_t iova)
{
	struct pci_ext_iommu_ioas_copy copy = {
		.size = sizeof(copy),
		.flags = PCI_EXT_IOMMU_FIXED_IOVA | PCI_EXT_IOMMU_READABLE,
		.dst_ioas_id = ioas->id,
		.src_ioas_id = ioas->id,
		.length = pci_ext_page_size(),
		.dst_iova = iova,
		.src_iova = iova,
	};
	int ret = call(ioas->fd, PCI_EXT_IOMMU_IOAS_COPY, &copy);

	if (ret == 0)
		return unmap(ioas, iova, copy.length) != 0;
	return ret != -ENOENT;
}

bool
pci_ext_iommufd_is_used(const struct pci_ext_ioas *ioas, const struct pci_ext_range *range)
{
	uint64_t last_page = pci_ext_range_last_iova(range) + 1 - pci_ext_page_size();

	return is_page_mapped(ioas, range->iova) || is_page_mapped(ioas, last_page);
}

int
pci_ext_iommufd_unmap(const struct pci_ext_ioas *ioas, const struct pci_ext_range *range)
{
	int ret = unmap(ioas, range->iova, range->len);

	return ret == -ENOENT && pci_ext_iommufd_is_used(ioas, range) ? -EINVAL : ret;
}
