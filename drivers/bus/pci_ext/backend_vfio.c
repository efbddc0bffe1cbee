/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The backend of a device on vfio-pci: maps into VFIO's default container, the one EAL puts every
 * device into. The only file that calls rte_vfio_*.
 *
 * Owns the work around EAL's VFIO code: it takes EEXIST of the kernel for success and so hides a
 * conflict with memory that EAL has mapped by itself; it leaves rte_errno stale when the kernel
 * refuses.
 *
 * Called by dispatch and registry, from any thread, under the registry's lock.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>
#include <rte_vfio.h>

#include "backend.h"

#define ENTRY_LIMIT_FILE "/sys/module/vfio_iommu_type1/parameters/dma_entry_limit"

static bool
match(const struct pci_ext_target *target)
{
	return target->driver != NULL && target->on_vfio;
}

/* VFIO's type 1 takes no smaller unit than the CPU's page, whatever the IOMMU offers. */
static uint64_t
granule(void)
{
	return sysconf(_SC_PAGESIZE);
}

static int
overlaps_list(const struct rte_memseg_list *msl, void *arg)
{
	const struct pci_ext_range *range = arg;
	uint64_t start = msl->addr_64;

	/* Memory that is merely registered is not mapped by EAL: that is what we are here for. */
	if (msl->external && !msl->heap)
		return 0;
	if (range->iova < start)
		return start - range->iova < range->len;
	return range->iova - start < msl->len;
}

/*
 * Whether EAL maps some of these IOVAs by itself: its own memory and its heaps, at iova = va.
 * Lists that EAL has only reserved count as well, since it maps their pages as they come.
 */
static bool
is_mapped_by_eal(const struct pci_ext_range *range)
{
	struct pci_ext_range copy = *range;

	if (rte_eal_iova_mode() != RTE_IOVA_VA)
		return false;
	/* Not the locking one: a caller within a memory callback holds that lock already. */
	return rte_memseg_list_walk_thread_unsafe(overlaps_list, &copy) > 0;
}

/* What the kernel or EAL reported, in the terms of the contract. */
static int
contract_error(void)
{
	int error = rte_errno > 0 ? rte_errno : errno;

	switch (error) {
	case 0:
		return -EIO;
	case ENOSPC: /* the container's dma_entry_limit */
		return -ENOMEM;
	case ENODEV: /* no device of the container is up */
		return -EINVAL;
	default:
		return -error;
	}
}

static int
map(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	if (is_mapped_by_eal(range))
		return -EEXIST;
	rte_errno = 0;
	errno = 0;
	if (rte_vfio_container_dma_map(
		    RTE_VFIO_DEFAULT_CONTAINER_FD, range->addr, range->iova, range->len) == 0)
		return 0;
	return contract_error();
}

static int
unmap(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	rte_errno = 0;
	errno = 0;
	if (rte_vfio_container_dma_unmap(
		    RTE_VFIO_DEFAULT_CONTAINER_FD, range->addr, range->iova, range->len) == 0)
		return 0;
	return contract_error();
}

static unsigned long long
read_entry_limit(void)
{
	unsigned long long limit = 65535; /* the kernel's default */
	FILE *f = fopen(ENTRY_LIMIT_FILE, "r");

	if (f == NULL)
		return limit;
	if (fscanf(f, "%llu", &limit) != 1)
		limit = 65535;
	fclose(f);
	return limit;
}

static void
describe_limits(char *buf, size_t size)
{
	struct rlimit memlock;
	char bytes[32] = "unlimited";

	if (getrlimit(RLIMIT_MEMLOCK, &memlock) == 0 && memlock.rlim_cur != RLIM_INFINITY)
		snprintf(bytes, sizeof(bytes), "%llu bytes", (unsigned long long)memlock.rlim_cur);
	snprintf(buf, size,
		"RLIMIT_MEMLOCK is %s, dma_entry_limit of vfio_iommu_type1 is %llu, "
		"EAL keeps 256 runs of user mappings",
		bytes, read_entry_limit());
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
