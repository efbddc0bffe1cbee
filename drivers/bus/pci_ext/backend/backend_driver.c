/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The backend of a driver with callbacks: calls rte_pci_driver.dma_map and dma_unmap, and
 * pci_ext_driver.dma_map_memory.
 *
 * Owns the conversion of drivers' results. DPDK documents "negative value and rte_errno is set";
 * drivers have been seen to return -1 with rte_errno, -errno without it, -1 with a negative
 * rte_errno, and a positive errno of verbs.
 *
 * Called by dispatch and registry, from any thread; one call at a time for a device, so that a
 * driver need not be reentrant.
 */
#include <errno.h>
#include <stdio.h>

#include <rte_errno.h>

#include "backend/backend.h"
#include "backend/extension.h"
#include "common/compat.h"
#include "memlock.h"
#include "vma.h"

#define MAX_ERRNO 4095 /* MAX_ERRNO of the kernel's IS_ERR_VALUE() */

static bool
match(const struct pci_ext_target *target)
{
	return target->driver != NULL && target->has_callbacks;
}

/* Byte ranges: a driver rounds to pages itself if it needs to. */
static uint64_t
granule(void)
{
	return 1;
}

static int
normalise_result(int ret, int reported)
{
	if (ret == 0)
		return 0;
	if (ret == -1 && reported > 0 && reported <= MAX_ERRNO)
		return -reported;
	if (ret == -1 && reported < 0 && reported >= -MAX_ERRNO)
		return reported;
	if (ret < -1 && ret >= -MAX_ERRNO)
		return ret;
	if (ret > 0 && ret <= MAX_ERRNO)
		return -ret;
	return -EIO;
}

/* What dma_map cannot express. */
static int
map_memory(struct rte_pci_device *pci, const struct pci_ext_range *range,
	const struct pci_ext_dmabuf *dmabuf)
{
	const struct pci_ext_driver *driver = pci_ext_extension(pci_ext_compat_driver(pci));
	struct pci_ext_memory memory = {
		.addr = (void *)(uintptr_t)range->addr,
		.iova = range->iova,
		.len = range->len,
		.access = range->access,
	};
	int ret;

	if (driver == NULL) /* it has lost its driver on the way, in a probe that failed */
		return -EINVAL;
	if (dmabuf != NULL) {
		memory.is_dmabuf = 1;
		memory.fd = dmabuf->fd;
		memory.offset = dmabuf->offset;
	}
	rte_errno = 0;
	ret = driver->dma_map_memory(pci, &memory);
	return normalise_result(ret, rte_errno);
}

static int
map(const struct pci_ext_target *target, const struct pci_ext_range *range,
	const struct pci_ext_dmabuf *dmabuf)
{
	struct rte_pci_device *pci = PCI_EXT_TO_PCI(target->dev);
	const struct rte_pci_driver *driver = pci_ext_compat_driver(pci);
	int ret;

	if (dmabuf != NULL || !pci_ext_range_writes(range))
		return map_memory(pci, range, dmabuf);
	if (driver == NULL) /* it has lost its driver on the way, in a probe that failed */
		return -EINVAL;
	rte_errno = 0;
	ret = driver->dma_map(pci, (void *)(uintptr_t)range->addr, range->iova, range->len);
	return normalise_result(ret, rte_errno);
}

static int
unmap(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	struct rte_pci_device *pci = PCI_EXT_TO_PCI(target->dev);
	const struct rte_pci_driver *driver = pci_ext_compat_driver(pci);
	int ret;

	if (driver == NULL) /* it has lost its driver on the way, in a probe that failed */
		return -EINVAL;
	rte_errno = 0;
	ret = driver->dma_unmap(pci, (void *)(uintptr_t)range->addr, range->iova, range->len);
	return normalise_result(ret, rte_errno);
}

/* What the kernel's rdma checks, whose callers are the drivers with callbacks that we know. */
static int
check(const struct pci_ext_range *range)
{
	const uint64_t page = pci_ext_page_size(), last = pci_ext_range_last_addr(range);
	char vma[DMAMAP_VMA_TEXT];

	/* It pins whole pages. */
	if (!dmamap_memlock_allows("VmPin:", (last / page - range->addr / page + 1) * page))
		return -ENOMEM;
	dmamap_vma_explain(range->addr, range->len, pci_ext_range_writes(range), vma);
	return vma[0] == '\0' ? 0 : -EFAULT;
}

/* What the kernel's rdma checks; a driver may have limits of its own. */
static void
explain(const struct pci_ext_range *range, int error, FILE *out)
{
	char limit[DMAMAP_MEMLOCK_SIZE], vma[DMAMAP_VMA_TEXT];

	fputs("by its driver", out);
	if (error == -ENOMEM) {
		dmamap_memlock_format("VmPin:", limit);
		fprintf(out, "; %s", limit);
	}
	if (error == -EFAULT) {
		dmamap_vma_explain(range->addr, range->len, pci_ext_range_writes(range), vma);
		fprintf(out, "%s%s", vma[0] == '\0' ? "" : ": ", vma);
	}
}

const struct pci_ext_backend pci_ext_backend_driver = {
	.name = "driver",
	.shared = false,
	.match = match,
	.granule = granule,
	.map = map,
	.unmap = unmap,
	.check = check,
	.explain = explain,
};
