/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>

#define LOG_COMPONENT "dma"
#include "common/compat.h"
#include "common/counter.h"
#include "common/log.h"
#include "common/reason.h"
#include "common/trace.h"
#include "device/device.h"
#include "dma.h"
#include "mr/heap.h"
#include "queue/port.h"
#include "queue/recover.h"

static int
fail(int ret)
{
	rte_errno = -ret;
	return ret;
}

/* The device of the function, with a hold. 0; -ENOTSUP; -ENOENT, -EIO as mlx5x_device_find(). */
static int
find_device(const struct rte_pci_device *pci, struct mlx5x_holder *holder,
	struct mlx5x_device **device)
{
	if (rte_eal_process_type() == RTE_PROC_PRIMARY)
		return mlx5x_device_find(&pci->addr, holder, device);
	MLX5X_LOG(ERR, "%s: only the primary process can map memory", pci->name);
	return -ENOTSUP;
}

static uint64_t
effective_iova(const void *addr, uint64_t iova)
{
	if (rte_eal_iova_mode() == RTE_IOVA_VA && (iova == 0 || iova == RTE_BAD_IOVA))
		return (uintptr_t)addr;
	return iova;
}

/* Neither the addresses nor the IOVAs wrap, and there is at least one. */
static bool
is_range(const struct rte_pci_device *pci, const char *what, const struct mlx5x_range *range,
	uint64_t iova)
{
	if (range->len != 0 && range->len - 1 <= UINTPTR_MAX - range->start &&
	    range->len - 1 <= UINT64_MAX - iova)
		return true;
	MLX5X_LOG(ERR, "%s: cannot %s %zu bytes at %#" PRIxPTR ", iova %#" PRIx64 ": the length "
		"must be at least 1, and the range must not wrap", pci->name, what, range->len,
		range->start, iova);
	return false;
}

/* An error of a registration. The device's own limits are ENOMEM too. */
static void
explain_registration(const struct mlx5x_device *device, const struct mlx5x_range *range,
	bool writes, int ret)
{
	char reason[MLX5X_REASON_SIZE], mrs[48] = "";

	mlx5x_reason_write(ret, range->start, range->len, writes, reason);
	if (ret == -ENOMEM)
		snprintf(mrs, sizeof(mrs), "; the device has %u MRs", device->caps.max_mr);
	MLX5X_LOG(ERR, "%s: cannot map %zu bytes at %#" PRIxPTR ": %s%s", device->name, range->len,
		range->start, reason, mrs);
}

/* What the kernel's refusal of a dma-buf means, beyond its name; "" if it is not known. */
static const char *
dmabuf_reason(int ret)
{
	switch (ret) {
	case -EBADF:
		return ": the descriptor is not open";
	case -EINVAL:
		return ": not a dma-buf, or it ends before";
	case -EOPNOTSUPP:
		return ": the kernel's driver of the rdma device, or the driver of the memory, has "
			"no dma-bufs for this";
	default:
		return "";
	}
}

static void
explain_dmabuf(const struct mlx5x_device *device, const struct mlx5x_range *range,
	const struct mlx5x_source *source, int ret)
{
	MLX5X_LOG(ERR, "%s: cannot map %zu bytes at %#" PRIxPTR " of a dma-buf from %#" PRIx64
		" on: %s%s", device->name, range->len, range->start, source->offset,
		strerror(-ret), dmabuf_reason(ret));
}

/*
 * Limited, as applications unmap in a loop while it is EBUSY: for an unmap a result like any other,
 * which is no warning. what: the failed operation.
 */
static void
explain_busy(struct mlx5x_device *device, const char *what, const struct mlx5x_range *range,
	uint32_t level)
{
	char times[48] = "";
	uint64_t skipped;

	if (!mlx5x_repeat_is_due(&device->busy, &skipped))
		return;
	if (skipped != 0)
		snprintf(times, sizeof(times), " (repeated %" PRIu64 " times since)", skipped);
	MLX5X_LOG_AT(level, "%s: cannot %s %zu bytes at %#" PRIxPTR ": a queue owns buffers in the "
		"range; stop the port, or wait for their completion%s", device->name, what,
		range->len, range->start, times);
}

/* source: or NULL. */
static void
explain_map(struct mlx5x_device *device, const struct mlx5x_range *range,
	const struct mlx5x_source *source, int ret, const struct mlx5x_range *conflict)
{
	const char *name = device->name;

	if (ret == -EEXIST)
		MLX5X_LOG(ERR, "%s: cannot map %zu bytes at %#" PRIxPTR ": overlaps the mapping of "
			"%zu bytes at %#" PRIxPTR "; unmap that first", name, range->len,
			range->start, conflict->len, conflict->start);
	else if (ret == -EBUSY)
		explain_busy(device, "end the stale mapping of", range, RTE_LOG_WARNING);
	else if ((mlx5x_source_kind(source) & MLX5X_OF_DMABUF) != 0)
		explain_dmabuf(device, range, source, ret);
	else
		explain_registration(device, range, source == NULL, ret);
}

static void
explain_unmap(struct mlx5x_device *device, const struct mlx5x_range *range, int ret,
	const struct mlx5x_range *conflict)
{
	const char *name = device->name;

	if (ret == -EINVAL)
		MLX5X_LOG(ERR, "%s: cannot unmap %zu bytes at %#" PRIxPTR ": not exactly one "
			"mapping; the first there has %zu bytes at %#" PRIxPTR, name, range->len,
			range->start, conflict->len, conflict->start);
	else if (ret == -EBUSY)
		explain_busy(device, "unmap", range, RTE_LOG_INFO);
	else
		MLX5X_LOG(ERR, "%s: cannot unmap %zu bytes at %#" PRIxPTR ": %s", name, range->len,
			range->start, strerror(-ret));
}

/* Logs why nothing can be mapped for the function; returns the error of dma_map. */
static int
explain_missing(const char *name, int ret)
{
	if (ret == -EIO)
		MLX5X_LOG(ERR, "%s: cannot map: its rdma device is dead; detach the device", name);
	else if (ret == -ENOENT)
		MLX5X_LOG(ERR, "%s: cannot map: the function is not probed", name);
	return ret == -ENOENT ? -EINVAL : ret;
}

/* True for implicitly registered memory: after an unmap the next packet would register it again. */
static bool
is_implicit(const struct mlx5x_device *device, const struct mlx5x_range *range)
{
	if (!device->implicit || !mlx5x_heap_touches(range))
		return false;
	MLX5X_LOG(ERR, "%s: cannot map %zu bytes at %#" PRIxPTR ": memory of an EAL heap needs no "
		"map, it is registered implicitly; the device argument mr_implicit=none disables "
		"that", device->name, range->len, range->start);
	return true;
}

/* Recovers failed queues of the device, which returns their buffers. True if there was any. */
static bool
recover_queues(struct mlx5x_device *device)
{
	struct mlx5x_holder holder;
	struct mlx5x_port *port = mlx5x_device_port(device, &holder);
	bool failed;

	if (port == NULL)
		return false;
	failed = mlx5x_recover_marked(port);
	mlx5x_hold_let_go(&holder);
	return failed;
}

/* Tries again after the recovery of a failed queue, which returns its buffers. */
static int
end_mapping(struct mlx5x_device *device, const struct mlx5x_range *range, uint64_t iova,
	uint64_t memory)
{
	int ret = mlx5x_mr_end_mapping(device->mrs, range, iova, memory);

	if (ret == -EBUSY && recover_queues(device))
		ret = mlx5x_mr_end_mapping(device->mrs, range, iova, memory);
	if (ret == 0)
		MLX5X_LOG(WARNING, "%s: unmapped the stale mapping of %zu bytes at %#" PRIxPTR
			": its memory was registered with EAL again", device->name, range->len,
			range->start);
	return ret;
}

static int
register_memory(struct mlx5x_device *device, const struct mlx5x_range *range, uint64_t iova,
	uint64_t memory, const struct mlx5x_source *source, struct mlx5x_range *conflict)
{
	if (source != NULL)
		return mlx5x_mr_map_source(device->mrs, range, iova, memory, source, conflict);
	return mlx5x_mr_map(device->mrs, range, iova, memory, conflict);
}

/*
 * The bus may not notice that the memory has been replaced: DPDK's own does not. The lkeys of the
 * old memory are useless then, and its unmap would look like that of the new memory.
 */
static int
map_memory(struct mlx5x_device *device, const struct mlx5x_range *range, uint64_t iova,
	const struct mlx5x_source *source, struct mlx5x_range *conflict)
{
	uint64_t memory = mlx5x_heap_registration(range), mapped;
	int ret = register_memory(device, range, iova, memory, source, conflict);

	if (ret != -ESTALE)
		return ret;
	mapped = mlx5x_mr_memory(device->mrs, range);
	if (mlx5x_heap_is_current(range, mapped))
		memory = mapped;
	else
		ret = end_mapping(device, range, iova, mapped);
	if (ret != -ESTALE && ret != 0)
		return ret;
	ret = register_memory(device, range, iova, memory, source, conflict);
	/* Another thread has registered it with EAL again. */
	return ret == -ESTALE ? -EEXIST : ret;
}

static int
map_for(struct mlx5x_device *device, const struct mlx5x_range *range, uint64_t iova,
	const struct mlx5x_source *source)
{
	struct mlx5x_range conflict = {0};
	int ret;

	if (mlx5x_flag_read(&device->dead))
		return explain_missing(device->name, -EIO);
	if (is_implicit(device, range))
		return -EEXIST;
	ret = map_memory(device, range, iova, source, &conflict);
	if (rte_trace_point_is_enabled(&__mlx5x_trace_map))
		mlx5x_trace_map(device->name, (void *)range->start, iova, range->len, ret,
			mlx5x_mr_refs(device->mrs, range));
	if (ret != 0)
		explain_map(device, range, source, ret, &conflict);
	return ret;
}

static int
unmap_for(struct mlx5x_device *device, const struct mlx5x_range *range, uint64_t iova)
{
	struct mlx5x_range conflict = {0};
	int ret;

	ret = mlx5x_mr_unmap(device->mrs, range, iova, &conflict);
	if (ret == -EBUSY && recover_queues(device))
		ret = mlx5x_mr_unmap(device->mrs, range, iova, &conflict);
	if (rte_trace_point_is_enabled(&__mlx5x_trace_unmap))
		mlx5x_trace_unmap(device->name, (void *)range->start, iova, range->len, ret,
			mlx5x_mr_refs(device->mrs, range));
	if (ret != 0)
		explain_unmap(device, range, ret, &conflict);
	return ret;
}

/* Inlining reads the packet, which faults where the CPU has no access. */
static void
warn_of_inlining(const struct rte_pci_device *pci, struct mlx5x_device *device)
{
	struct mlx5x_holder holder;
	struct mlx5x_port *port = mlx5x_device_port(device, &holder);
	bool inlines = mlx5x_caps_inlines_l2(pci->id.device_id);

	if (port != NULL) {
		inlines |= port->devargs.tx_inline != 0;
		mlx5x_hold_let_go(&holder);
	}
	if (inlines)
		MLX5X_LOG(WARNING, "%s: it inlines bytes of packets, so what it sends of a dma-buf "
			"must be at addresses that the CPU can read: an mmap() of the dma-buf",
			pci->name);
}

/* source: or NULL. */
static int
map(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len,
	const struct mlx5x_source *source)
{
	struct mlx5x_range range = {(uintptr_t)addr, len};
	struct mlx5x_device *device;
	struct mlx5x_holder holder;
	int ret;

	iova = effective_iova(addr, iova);
	if (!is_range(pci, "map", &range, iova))
		return fail(-EINVAL);
	ret = find_device(pci, &holder, &device);
	if (ret != 0)
		return fail(explain_missing(pci->name, ret));
	ret = map_for(device, &range, iova, source);
	if (ret == 0 && (mlx5x_source_kind(source) & MLX5X_OF_DMABUF) != 0)
		warn_of_inlining(pci, device);
	mlx5x_hold_let_go(&holder);
	return ret == 0 ? 0 : fail(ret);
}

int
mlx5x_dma_map(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len)
{
	return map(pci, addr, iova, len, NULL);
}

/* False: an access that is not known. */
static bool
take_access(struct mlx5x_source *source, enum pci_ext_access access)
{
	switch (access) {
	case PCI_EXT_ACCESS_READ_WRITE:
		return true;
	case PCI_EXT_ACCESS_READ:
		source->kind |= MLX5X_TO_READ;
		return true;
	}
	return false;
}

int
mlx5x_dma_map_memory(struct rte_pci_device *pci, const struct pci_ext_memory *memory)
{
	struct mlx5x_source source = {0, memory->fd, memory->offset};

	if (!take_access(&source, memory->access))
		return fail(-EINVAL);
	if (memory->is_dmabuf)
		source.kind |= MLX5X_OF_DMABUF;
	return map(pci, memory->addr, memory->iova, memory->len,
		source.kind == 0 ? NULL : &source);
}

int
mlx5x_dma_unmap(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len)
{
	struct mlx5x_range range = {(uintptr_t)addr, len};
	struct mlx5x_device *device;
	struct mlx5x_holder holder;
	int ret;

	iova = effective_iova(addr, iova);
	if (!is_range(pci, "unmap", &range, iova))
		return fail(-EINVAL);
	ret = find_device(pci, &holder, &device);
	/* All mappings of a dead device have ended. */
	if (ret != 0)
		return fail(ret == -EIO ? -ENOENT : ret);
	ret = unmap_for(device, &range, iova);
	mlx5x_hold_let_go(&holder);
	return ret == 0 ? 0 : fail(ret);
}
