/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The backend of a device on vfio-pci that EAL has opened as a character device of its own
 * (/dev/vfio/devices/vfioN) and attached to an address space of /dev/iommu, which is then EAL's
 * default container. No release of DPDK does that yet.
 *
 * EAL's own functions would hide conflicts, the kernel's error and more than 256 mappings here too
 * (backend_vfio.c), so the kernel is called directly.
 *
 * registry calls map and unmap one at a time; match and explain may run in parallel.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>

#include "backend/backend.h"
#include "backend/container.h"
#include "backend/iommufd.h"
#include "common/log.h"
#include "memlock.h"
#include "common/memory.h"
#include "vma.h"

PCI_EXT_LOG_REGISTER(iommufd)

/*
 * EAL allocates the IOAS before anything else on its /dev/iommu, and the kernel numbers objects
 * from 1 on. EAL has no function that returns the ID.
 */
#define EAL_IOAS 1

static void
warn_of_no_ioas(void)
{
	static atomic_flag is_logged = ATOMIC_FLAG_INIT;

	if (!atomic_flag_test_and_set(&is_logged))
		PCI_EXT_LOG(iommufd, WARNING,
			"EAL's container is /dev/iommu, but its object %d is no IOAS: EAL's own "
			"calls are used, with their limits",
			EAL_IOAS);
}

/* EAL's address space. False if it has none that can be used. Any thread. */
static bool
find_ioas(struct pci_ext_ioas *ioas)
{
	static atomic_int known = -1, other = -1; /* what a container is does not change */
	int container = pci_ext_container_find();

	*ioas = (struct pci_ext_ioas){.fd = container, .id = EAL_IOAS};
	if (container < 0 || container == other)
		return false;
	if (container == known)
		return true;
	if (!pci_ext_iommufd_is_device(container)) {
		other = container;
		return false;
	}
	if (pci_ext_iommufd_windows(ioas, NULL, 0) < 0) {
		warn_of_no_ioas();
		return false;
	}
	known = container;
	return true;
}

static bool
match(const struct pci_ext_target *target)
{
	struct pci_ext_ioas ioas;

	return target->driver != NULL && target->on_vfio && !target->is_apart && find_ioas(&ioas);
}

/* What the contract requires of VFIO. The kernel's own minimum is at most that. */
static uint64_t
granule(void)
{
	return pci_ext_page_size();
}

/* Convert an errno of the kernel to a result of the contract. */
static int
contract_error(int error)
{
	switch (error) {
	case -EOVERFLOW: /* the range includes the last IOVA */
		return -EINVAL;
	case -ENOSPC:
		return -ENOMEM;
	default:
		return error;
	}
}

static int
map(const struct pci_ext_target *target, const struct pci_ext_range *range,
	const struct pci_ext_dmabuf *dmabuf)
{
	struct pci_ext_ioas ioas;
	int ret;

	if (pci_ext_memory_eal_use(range->iova, range->len) != PCI_EXT_EAL_NONE)
		return -EEXIST;
	if (!find_ioas(&ioas))
		return -EINVAL;
	ret = pci_ext_iommufd_map(&ioas, range);
	if (ret == -ENOENT) /* EAL has destroyed the IOAS */
		return -EINVAL;
	return contract_error(ret);
}

/* As the kernel refuses a mapping that overlaps another one: 1 if it was gone. */
static int
confirm(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	struct pci_ext_ioas ioas;
	int ret = find_ioas(&ioas) ? pci_ext_iommufd_map(&ioas, range) : -EINVAL;

	return ret == 0 ? 1 : ret == -EEXIST ? 0 : contract_error(ret == -ENOENT ? -EINVAL : ret);
}

/* Mappings outlive the device, but not EAL's container. */
static int
unmap(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	struct pci_ext_ioas ioas;

	if (!find_ioas(&ioas))
		return -ENOENT;
	return contract_error(pci_ext_iommufd_unmap(&ioas, range));
}

/* False if they are not known. */
static bool
read_windows(struct pci_ext_windows *windows)
{
	struct pci_ext_ioas ioas;
	int nb;

	if (!find_ioas(&ioas))
		return false;
	nb = pci_ext_iommufd_windows(&ioas, windows->at, PCI_EXT_WINDOWS_MAX);
	windows->nb = nb;
	return nb > 0;
}

/* The limit of locked memory counts what other processes of the user have, which is not known. */
static int
check(const struct pci_ext_range *range)
{
	struct pci_ext_windows windows;
	char vma[DMAMAP_VMA_TEXT];

	if (pci_ext_memory_eal_use(range->iova, range->len) != PCI_EXT_EAL_NONE)
		return -EEXIST;
	if (read_windows(&windows) && !pci_ext_windows_accept(&windows, range))
		return -EINVAL;
	dmamap_vma_explain(range->addr, range->len, pci_ext_range_writes(range), vma);
	return vma[0] == '\0' ? 0 : -EFAULT;
}

static void
explain(const struct pci_ext_range *range, int error, FILE *out)
{
	char limit[DMAMAP_MEMLOCK_SIZE], vma[DMAMAP_VMA_TEXT];
	struct pci_ext_windows windows;

	if (error == -ENOMEM) {
		dmamap_memlock_format("VmPin:", limit);
		fprintf(out, "%s by this process; all processes of the user count", limit);
	} else if (error == -EINVAL && read_windows(&windows) &&
		   !pci_ext_windows_accept(&windows, range)) {
		pci_ext_windows_describe(&windows, out);
	} else if (error == -EEXIST) {
		pci_ext_memory_describe_eal_use(
			pci_ext_memory_eal_use(range->iova, range->len), out);
	} else if (error == -EFAULT) {
		dmamap_vma_explain(range->addr, range->len, pci_ext_range_writes(range), vma);
		fputs(vma, out);
	}
}

const struct pci_ext_backend pci_ext_backend_iommufd = {
	.name = "iommufd",
	.shared = true,
	.match = match,
	.granule = granule,
	.map = map,
	.unmap = unmap,
	.confirm = confirm,
	.check = check,
	.explain = explain,
};
