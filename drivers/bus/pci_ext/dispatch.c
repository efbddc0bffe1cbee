/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dispatch: decides on one request (pure functions), then carries it out.
 *
 * Owns the order of the checks and the table of backends, which is constant after init. Called by
 * bus_ops from any thread; holds no lock of its own.
 */
#include <errno.h>
#include <inttypes.h>

#include <rte_common.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>

#include "dispatch.h"
#include "log.h"

PCI_EXT_LOG_REGISTER(dispatch)

#define RANGE_FMT "addr 0x%" PRIx64 " iova 0x%" PRIx64 " len 0x%" PRIx64

static const struct pci_ext_backend *const *known_backends;

void
pci_ext_dispatch_init(const struct pci_ext_backend *const *backends)
{
	known_backends = backends;
}

int
pci_ext_dispatch_route(const struct pci_ext_target *target, const struct pci_ext_backend **backend)
{
	const struct pci_ext_backend *const *b;

	for (b = known_backends; *b != NULL; b++) {
		if ((*b)->match(target)) {
			*backend = *b;
			return 0;
		}
	}
	/* On vfio-pci it can be served as soon as a driver has claimed it. */
	return target->driver == NULL && target->on_vfio ? -EINVAL : -ENOTSUP;
}

int
pci_ext_dispatch_range(
	uint64_t addr, uint64_t iova, uint64_t len, bool iova_is_va, struct pci_ext_range *range)
{
	if (iova_is_va && (iova == 0 || iova == RTE_BAD_IOVA))
		iova = addr;
	/* The last byte may be the last there is. */
	if (len == 0 || len - 1 > UINT64_MAX - addr || len - 1 > UINT64_MAX - iova)
		return -EINVAL;
	*range = (struct pci_ext_range){.addr = addr, .iova = iova, .len = len};
	return 0;
}

bool
pci_ext_dispatch_is_aligned(const struct pci_ext_range *range, uint64_t granule)
{
	return ((range->addr | range->iova | range->len) & (granule - 1)) == 0;
}

/* How many bytes from addr on EAL knows in one piece; 0 for none. */
static uint64_t
known_run(uint64_t addr)
{
	const void *va = (const void *)(uintptr_t)addr;
	const struct rte_memseg_list *msl = rte_mem_virt2memseg_list(va);
	const struct rte_memseg *ms;

	if (msl == NULL)
		return 0;
	/* Registered memory is known as a whole; in its own lists EAL has filled some pages. */
	if (msl->external)
		return msl->addr_64 + msl->len - addr;
	ms = rte_mem_virt2memseg(va, msl);
	if (ms == NULL || ms->len == 0)
		return 0;
	return ms->addr_64 + ms->len - addr;
}

bool
pci_ext_dispatch_is_known(uint64_t addr, uint64_t len)
{
	uint64_t run;

	while (len != 0) {
		run = known_run(addr);
		if (run == 0)
			return false;
		run = RTE_MIN(run, len);
		addr += run;
		len -= run;
	}
	return true;
}

/* What map and unmap have to settle before a backend is asked. */
static int
prepare(const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len,
	struct pci_ext_range *range, const struct pci_ext_backend **backend)
{
	int ret;

	if (rte_eal_process_type() == RTE_PROC_SECONDARY) {
		PCI_EXT_LOG(dispatch, WARNING, "%s: a secondary process cannot map memory",
			target->name);
		return -ENOTSUP;
	}
	ret = pci_ext_dispatch_range(addr, iova, len, rte_eal_iova_mode() == RTE_IOVA_VA, range);
	if (ret != 0) {
		PCI_EXT_LOG(dispatch, WARNING, "%s: " RANGE_FMT " is empty or wraps", target->name,
			addr, iova, len);
		return ret;
	}
	ret = pci_ext_dispatch_route(target, backend);
	if (ret == -EINVAL)
		PCI_EXT_LOG(dispatch, WARNING, "%s: no driver has claimed it", target->name);
	else if (ret != 0)
		PCI_EXT_LOG(dispatch, WARNING,
			"%s: driver %s has no dma_map and the device is not on vfio-pci",
			target->name, target->driver == NULL ? "(none)" : target->driver);
	return ret;
}

static int
check_range(const struct pci_ext_target *target, const struct pci_ext_backend *backend,
	const struct pci_ext_range *range)
{
	if (!pci_ext_dispatch_is_aligned(range, backend->granule())) {
		PCI_EXT_LOG(dispatch, WARNING,
			"%s: " RANGE_FMT " is not aligned to the IOMMU page of %" PRIu64 " bytes",
			target->name, range->addr, range->iova, range->len, backend->granule());
		return -EINVAL;
	}
	if (!pci_ext_dispatch_is_known(range->addr, range->len)) {
		PCI_EXT_LOG(dispatch, WARNING,
			"%s: addr 0x%" PRIx64 " len 0x%" PRIx64
			" is not all registered (rte_extmem_register)",
			target->name, range->addr, range->len);
		return -EINVAL;
	}
	return 0;
}

static void
log_outcome(const char *what, const struct pci_ext_target *target,
	const struct pci_ext_backend *backend, const struct pci_ext_range *range, int ret)
{
	char limits[256];

	if (ret == 0) {
		PCI_EXT_LOG(dispatch, DEBUG, "%s: %s " RANGE_FMT " by %s", target->name, what,
			range->addr, range->iova, range->len, backend->name);
		return;
	}
	PCI_EXT_LOG(dispatch, WARNING, "%s: %s " RANGE_FMT " refused by %s: %s", target->name, what,
		range->addr, range->iova, range->len, backend->name, rte_strerror(-ret));
	if (ret == -ENOMEM) {
		backend->describe_limits(limits, sizeof(limits));
		PCI_EXT_LOG(dispatch, WARNING, "%s: %s", target->name, limits);
	}
}

int
pci_ext_dispatch_map(
	const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len)
{
	const struct pci_ext_backend *backend;
	struct pci_ext_range range;
	int ret;

	ret = prepare(target, addr, iova, len, &range, &backend);
	if (ret == 0)
		ret = check_range(target, backend, &range);
	if (ret != 0)
		return ret;
	ret = backend->map(target, &range);
	log_outcome("map", target, backend, &range, ret);
	return ret;
}

/* Whether EAL still knows the memory does not matter here: it may have been unregistered first. */
int
pci_ext_dispatch_unmap(
	const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len)
{
	const struct pci_ext_backend *backend;
	struct pci_ext_range range;
	int ret;

	ret = prepare(target, addr, iova, len, &range, &backend);
	if (ret != 0)
		return ret;
	ret = backend->unmap(target, &range);
	log_outcome("unmap", target, backend, &range, ret);
	return ret;
}
