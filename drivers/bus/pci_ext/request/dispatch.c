/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dispatch: checks one request (pure functions), then calls registry.
 *
 * Owns the order of the checks, the log line of a refusal, and the table of backends, which is
 * constant after init. Called by bus_ops and the public API from any thread; no lock of its own.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>

#include <rte_common.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h> /* RTE_BAD_IOVA */

#include "request/dispatch.h"
#include "common/log.h"
#include "common/memory.h"
#include "request/mp_ask.h"
#include "request/reason.h"
#include "registry/registry.h"
#include "request/repeat.h"

PCI_EXT_LOG_REGISTER(dispatch)

static const struct pci_ext_backend *const *known_backends;
static _Atomic uint64_t results[PCI_EXT_DISPATCH_ERRORS]; /* calls by errno, for telemetry */

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
	/* A device on vfio-pci is served once a driver has claimed it. */
	return target->driver == NULL && target->on_vfio ? -EINVAL : -ENOTSUP;
}

static bool
is_access(enum pci_ext_access access)
{
	return access == PCI_EXT_ACCESS_READ_WRITE || access == PCI_EXT_ACCESS_READ;
}

int
pci_ext_dispatch_range(
	const char *who, const struct pci_ext_memory *memory, struct pci_ext_range *range)
{
	const uint64_t addr = (uintptr_t)memory->addr, len = memory->len;
	uint64_t iova = memory->iova;

	if (!is_access(memory->access)) {
		PCI_EXT_LOG(dispatch, WARNING, "%s: no access %d", who, memory->access);
		return -EINVAL;
	}
	if (rte_eal_iova_mode() == RTE_IOVA_VA && (iova == 0 || iova == RTE_BAD_IOVA))
		iova = addr;
	if (!pci_ext_range_fits(addr, len) || !pci_ext_range_fits(iova, len)) {
		PCI_EXT_LOG(dispatch, WARNING, "%s: " PCI_EXT_RANGE_FMT " is empty or wraps", who,
			addr, memory->iova, len);
		return -EINVAL;
	}
	*range = (struct pci_ext_range){addr, iova, len, memory->access};
	return 0;
}

/* The checks that map and unmap have in common. */
static int
prepare(const struct pci_ext_target *target, const struct pci_ext_memory *memory,
	struct pci_ext_range *range, const struct pci_ext_backend **backend)
{
	int ret;

	ret = pci_ext_dispatch_range(target->name, memory, range);
	if (ret != 0)
		return ret;
	if (target->dev == NULL) /* by name: registry knows the backend of a present device */
		return 0;
	ret = pci_ext_dispatch_route(target, backend);
	if (ret == -EINVAL)
		PCI_EXT_LOG(dispatch, WARNING, "%s: no driver has claimed it", target->name);
	else if (ret != 0 && target->is_apart)
		PCI_EXT_LOG(dispatch, WARNING,
			"%s: it is in a VFIO container that the application has bound: call "
			"rte_vfio_container_dma_map() and _unmap() for that container",
			target->name);
	else if (ret != 0)
		PCI_EXT_LOG(dispatch, WARNING,
			"%s: driver %s has no dma_map and the device is not on vfio-pci",
			target->name, target->driver == NULL ? "(none)" : target->driver);
	return ret;
}

static int
check_range(const struct pci_ext_target *target, const struct pci_ext_backend *backend,
	const struct pci_ext_range *range, uint64_t *registration)
{
	if (backend != NULL && !pci_ext_range_is_aligned(range, backend->granule())) {
		PCI_EXT_LOG(dispatch, WARNING,
			"%s: " PCI_EXT_RANGE_FMT " is not aligned to the IOMMU page of %" PRIu64
			" bytes",
			target->name, range->addr, range->iova, range->len, backend->granule());
		return -EINVAL;
	}
	if (!pci_ext_memory_identify(range->addr, range->len, registration)) {
		PCI_EXT_LOG(dispatch, WARNING,
			"%s: addr 0x%" PRIx64 " len 0x%" PRIx64
			" is not completely registered with EAL (rte_extmem_register)",
			target->name, range->addr, range->len);
		return -EINVAL;
	}
	return 0;
}

/* A warning: until now the device could access whatever was allocated there after the unregister.
 */
static void
log_ended(const struct pci_ext_target *target, const struct pci_ext_conflict *conflict)
{
	const struct pci_ext_range *last = &conflict->last_ended;

	if (conflict->ended != 0)
		PCI_EXT_LOG(dispatch, WARNING,
			"%s: ended %u stale mapping(s) of unregistered or freed memory, "
			"last " PCI_EXT_RANGE_FMT ": unmap before rte_extmem_unregister()",
			target->name, conflict->ended, last->addr, last->iova, last->len);
}

/* One line. Not if the driver has written it; nor, for a retry loop of unmaps, each time. */
static void
log_refusal(bool is_map, const struct pci_ext_target *target, const struct pci_ext_range *range,
	const struct pci_ext_conflict *conflict, int ret)
{
	uint32_t level = ret == -EBUSY && !is_map ? RTE_LOG_INFO : RTE_LOG_WARNING;
	char reason[PCI_EXT_REASON_SIZE], times[48] = "";
	uint64_t skipped = 0;

	if (conflict->is_logged ||
		(ret == -EBUSY && !pci_ext_repeat_is_due(target->name, &skipped)))
		return;
	if (skipped != 0)
		snprintf(times, sizeof(times), " (%" PRIu64 " times since)", skipped);
	pci_ext_reason_write(range, is_map, conflict, ret, reason);
	PCI_EXT_LOG_AT(dispatch, level, "%s: %s " PCI_EXT_RANGE_FMT " refused: %s%s", target->name,
		is_map ? "map" : "unmap", PCI_EXT_RANGE_ARGS(range), reason, times);
}

static int
count(int ret)
{
	int error = -ret;

	if (error < 0 || error >= PCI_EXT_DISPATCH_ERRORS)
		error = PCI_EXT_DISPATCH_ERRORS - 1;
	atomic_fetch_add_explicit(&results[error], 1, memory_order_relaxed);
	return ret;
}

uint64_t
pci_ext_dispatch_results(int error)
{
	return atomic_load_explicit(&results[error], memory_order_relaxed);
}

/* A range that has been checked; of a dma-buf, unless that is NULL. */
static int
map_range(const struct pci_ext_target *target, const struct pci_ext_backend *backend,
	const struct pci_ext_range *range, uint64_t registration, struct pci_ext_dmabuf *dmabuf)
{
	struct pci_ext_conflict conflict;
	int ret;

	ret = pci_ext_registry_map(target, backend, range, registration, dmabuf, &conflict);
	log_ended(target, &conflict);
	if (conflict.was_gone)
		PCI_EXT_LOG(dispatch, WARNING,
			"%s: the mapping " PCI_EXT_RANGE_FMT " was gone, and is made again: it was "
			"ended by rte_vfio_container_dma_unmap(), or by memory of EAL there",
			target->name, PCI_EXT_RANGE_ARGS(range));
	if (ret == 0)
		PCI_EXT_LOG(dispatch, DEBUG, "%s: map " PCI_EXT_RANGE_FMT, target->name,
			PCI_EXT_RANGE_ARGS(range));
	else
		log_refusal(true, target, range, &conflict, ret);
	return ret;
}

/* Devices map whole pages: those of a range and those of its dma-buf have to begin alike. */
static bool
has_place_in_page(const struct pci_ext_memory *memory)
{
	const uint64_t page = pci_ext_page_size();

	return (((uintptr_t)memory->addr ^ memory->offset) & (page - 1)) == 0;
}

int
pci_ext_dispatch_open(
	const char *who, const struct pci_ext_memory *memory, struct pci_ext_dmabuf **dmabuf)
{
	int ret;

	*dmabuf = NULL;
	if (!memory->is_dmabuf)
		return 0;
	if (!has_place_in_page(memory)) {
		PCI_EXT_LOG(dispatch, WARNING,
			"%s: addr %p and offset 0x%" PRIx64
			" of the dma-buf are not at the same place in their pages",
			who, memory->addr, memory->offset);
		return -EINVAL;
	}
	ret = pci_ext_dmabuf_create(memory->fd, memory->offset, memory->len, dmabuf);
	if (ret != 0)
		PCI_EXT_LOG(dispatch, WARNING,
			"%s: cannot take offset 0x%" PRIx64 " len 0x%zx"
			" of the dma-buf of descriptor %d: %s%s",
			who, memory->offset, memory->len, memory->fd, rte_strerror(-ret),
			ret == -EINVAL ? ": the dma-buf ends before" : "");
	return ret;
}

static int
run_map(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	const struct pci_ext_backend *backend = NULL;
	struct pci_ext_dmabuf *dmabuf;
	struct pci_ext_range range;
	uint64_t registration;
	int ret;

	ret = prepare(target, memory, &range, &backend);
	if (ret == 0)
		ret = check_range(target, backend, &range, &registration);
	if (ret == 0)
		ret = pci_ext_dispatch_open(target->name, memory, &dmabuf);
	return ret != 0 ? ret : map_range(target, backend, &range, registration, dmabuf);
}

/* No check that EAL knows the memory: it may have been unregistered first. */
static int
run_unmap(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	const struct pci_ext_backend *backend = NULL;
	struct pci_ext_range range;
	struct pci_ext_conflict conflict;
	int ret;

	ret = prepare(target, memory, &range, &backend);
	if (ret != 0)
		return ret;
	ret = pci_ext_registry_unmap(target->name, &range, &conflict);
	if (ret == 0)
		PCI_EXT_LOG(dispatch, DEBUG, "%s: unmap " PCI_EXT_RANGE_FMT, target->name,
			range.addr, range.iova, range.len);
	else
		log_refusal(false, target, &range, &conflict, ret);
	return ret;
}

/* A range that has been checked; of a dma-buf, unless that is NULL. */
static int
check_checked(const struct pci_ext_target *target, const struct pci_ext_range *range,
	uint64_t registration, const struct pci_ext_dmabuf *dmabuf)
{
	const struct pci_ext_backend *backend;
	char reason[PCI_EXT_REASON_SIZE];
	struct pci_ext_conflict conflict;
	int ret;

	ret = pci_ext_registry_check(
		target->name, range, registration, dmabuf, &backend, &conflict);
	if (ret == 0 && backend != NULL && dmabuf == NULL) { /* which has no pages at addr */
		ret = backend->check(range);
		conflict.refused_by = backend;
	}
	if (ret == 0)
		return 0;
	pci_ext_reason_write(range, true, &conflict, ret, reason);
	PCI_EXT_LOG(dispatch, INFO, "%s: map " PCI_EXT_RANGE_FMT " would be refused: %s",
		target->name, PCI_EXT_RANGE_ARGS(range), reason);
	return ret;
}

static int
run_check(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	struct pci_ext_dmabuf *dmabuf;
	struct pci_ext_range range;
	uint64_t registration;
	int ret;

	ret = pci_ext_dispatch_range(target->name, memory, &range);
	if (ret == 0)
		ret = check_range(target, NULL, &range, &registration);
	if (ret == 0)
		ret = pci_ext_dispatch_open(target->name, memory, &dmabuf);
	if (ret != 0)
		return ret;
	ret = check_checked(target, &range, registration, dmabuf);
	pci_ext_dmabuf_destroy(dmabuf);
	return ret;
}

int
pci_ext_dispatch_check(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	if (rte_eal_process_type() == RTE_PROC_SECONDARY)
		return -ENOTSUP;
	return run_check(target, memory);
}

typedef int (*run_t)(const struct pci_ext_target *target, const struct pci_ext_memory *memory);

/* The primary process checks all but what would make it read too far. */
static int
run_in_primary(run_t ask, const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	struct pci_ext_range range;
	int ret;

	ret = pci_ext_dispatch_range(target->name, memory, &range);
	return ret != 0 ? ret : ask(target, memory);
}

int
pci_ext_dispatch_map(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	if (rte_eal_process_type() == RTE_PROC_SECONDARY)
		return count(run_in_primary(pci_ext_mp_ask_map, target, memory));
	return count(run_map(target, memory));
}

int
pci_ext_dispatch_unmap(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	const struct pci_ext_memory place = {memory->addr, memory->iova, memory->len};

	if (rte_eal_process_type() == RTE_PROC_SECONDARY)
		return count(run_in_primary(pci_ext_mp_ask_unmap, target, &place));
	return count(run_unmap(target, &place));
}
