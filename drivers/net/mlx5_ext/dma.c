/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>

#include <rte_eal.h>
#include <rte_errno.h>

#define LOG_COMPONENT "dma"
#include "common/compat.h"
#include "common/counter.h"
#include "common/log.h"
#include "common/trace.h"
#include "device/device.h"
#include "dma.h"
#include "mr/heap.h"
#include "queue/recover.h"

static int
fail(int ret)
{
	rte_errno = -ret;
	return ret;
}

/* The device of the function, held: 0; or -ENOENT, -EIO as mlx5x_device_find(). */
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

/* Which limit was it? The kernel says ENOMEM for all of them. */
static void
explain_enomem(const struct mlx5x_device *device, const struct mlx5x_range *range)
{
	struct rlimit limit;
	char lock[32] = "unlimited";

	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
		snprintf(lock, sizeof(lock), "%ju bytes", (uintmax_t)limit.rlim_cur);
	MLX5X_LOG(ERR, "%s: no memory to pin %zu bytes at %#" PRIxPTR ": RLIMIT_MEMLOCK is %s "
		"(ulimit -l), the device has %u MRs", device->name, range->len,
		range->start, lock, device->caps.max_mr);
}

/* The recommended loop unmaps until it is not EBUSY any more. what: was to be done. */
static void
explain_busy(struct mlx5x_device *device, const char *what, const struct mlx5x_range *range)
{
	char times[48] = "";
	uint64_t skipped;

	if (!mlx5x_repeat_is_due(&device->busy, &skipped))
		return;
	if (skipped != 0)
		snprintf(times, sizeof(times), " (%" PRIu64 " times since)", skipped);
	MLX5X_LOG(WARNING, "%s: cannot %s %zu bytes at %#" PRIxPTR ": a queue owns buffers in it; "
		"stop the port, or wait until they are back%s", device->name, what, range->len,
		range->start, times);
}

static void
explain_map(struct mlx5x_device *device, const struct mlx5x_range *range, int ret,
	const struct mlx5x_range *conflict)
{
	const char *name = device->name;

	if (ret == -EEXIST)
		MLX5X_LOG(ERR, "%s: cannot map %zu bytes at %#" PRIxPTR ": overlaps the mapping of "
			"%zu bytes at %#" PRIxPTR ", unmap that first", name, range->len, range->start, conflict->len,
			conflict->start);
	else if (ret == -ENOMEM)
		explain_enomem(device, range);
	else if (ret == -EBUSY)
		explain_busy(device, "end the mapping of memory that was registered anew,", range);
	else
		MLX5X_LOG(ERR, "%s: cannot map %zu bytes at %#" PRIxPTR ": %s", name, range->len,
			range->start, strerror(-ret));
}

static void
explain_unmap(struct mlx5x_device *device, const struct mlx5x_range *range, int ret,
	const struct mlx5x_range *conflict)
{
	const char *name = device->name;

	if (ret == -EINVAL)
		MLX5X_LOG(ERR, "%s: cannot unmap %zu bytes at %#" PRIxPTR ": the mapping there is "
			"of %zu bytes at %#" PRIxPTR, name, range->len, range->start,
			conflict->len, conflict->start);
	else if (ret == -EBUSY)
		explain_busy(device, "unmap", range);
	else
		MLX5X_LOG(ERR, "%s: cannot unmap %zu bytes at %#" PRIxPTR ": %s", name, range->len,
			range->start, strerror(-ret));
}

/* Says why nothing can be mapped for the function. */
static int
explain_missing(const char *name, int ret)
{
	if (ret == -EIO)
		MLX5X_LOG(ERR, "%s: cannot map: its rdma device is dead, detach it", name);
	else if (ret == -ENOENT)
		MLX5X_LOG(ERR, "%s: cannot map: it was not probed", name);
	return ret == -ENOENT ? -EINVAL : ret;
}

/* What the next packet would register again is nothing to map: its unmap could not be kept. */
static bool
is_implicit(const struct mlx5x_device *device, const struct mlx5x_range *range)
{
	if (!device->implicit || !mlx5x_heap_touches(range))
		return false;
	MLX5X_LOG(ERR, "%s: cannot map %zu bytes at %#" PRIxPTR ": they are in a heap of EAL's, which "
		"needs no map, since it gets its keys by itself; the device argument mr_implicit=none "
		"ends that", device->name, range->len, range->start);
	return true;
}

/* Whether a queue of the device had failed: its buffers come back by its recovery. */
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

/* By the recovery of a queue that had failed its buffers come back: then once more. */
static int
end_mapping(struct mlx5x_device *device, const struct mlx5x_range *range, uint64_t iova,
	uint64_t memory)
{
	int ret = mlx5x_mr_end_mapping(device->mrs, range, iova, memory);

	if (ret == -EBUSY && recover_queues(device))
		ret = mlx5x_mr_end_mapping(device->mrs, range, iova, memory);
	if (ret == 0)
		MLX5X_LOG(WARNING, "%s: %zu bytes at %#" PRIxPTR " were mapped and then registered with "
			"EAL anew: what was mapped is unmapped", device->name, range->len, range->start);
	return ret;
}

/*
 * The bus may not notice that there is other memory: DPDK's own does not. Then the keys of what was
 * there are of no use, nor can their unmap be told from that of the new one.
 */
static int
map_memory(struct mlx5x_device *device, const struct mlx5x_range *range, uint64_t iova,
	struct mlx5x_range *conflict)
{
	uint64_t memory = mlx5x_heap_registration(range), mapped;
	int ret = mlx5x_mr_map(device->mrs, range, iova, memory, conflict);

	if (ret != -ESTALE)
		return ret;
	mapped = mlx5x_mr_memory(device->mrs, range);
	if (mlx5x_heap_is_current(range, mapped))
		memory = mapped;
	else
		ret = end_mapping(device, range, iova, mapped);
	if (ret != -ESTALE && ret != 0)
		return ret;
	ret = mlx5x_mr_map(device->mrs, range, iova, memory, conflict);
	/* Registered again, by another thread. */
	return ret == -ESTALE ? -EEXIST : ret;
}

static int
map_for(struct mlx5x_device *device, const struct mlx5x_range *range, uint64_t iova)
{
	struct mlx5x_range conflict = {0};
	int ret;

	if (mlx5x_flag_read(&device->dead))
		return explain_missing(device->name, -EIO);
	if (is_implicit(device, range))
		return -EEXIST;
	ret = map_memory(device, range, iova, &conflict);
	if (rte_trace_point_is_enabled(&__mlx5x_trace_map))
		mlx5x_trace_map(device->name, (void *)range->start, iova, range->len, ret,
			mlx5x_mr_refs(device->mrs, range));
	if (ret != 0)
		explain_map(device, range, ret, &conflict);
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

int
mlx5x_dma_map(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len)
{
	struct mlx5x_range range = {(uintptr_t)addr, len};
	struct mlx5x_device *device;
	struct mlx5x_holder holder;
	int ret;

	if (len == 0 || len - 1 > UINTPTR_MAX - range.start)
		return fail(-EINVAL);
	ret = find_device(pci, &holder, &device);
	if (ret != 0)
		return fail(explain_missing(pci->name, ret));
	ret = map_for(device, &range, effective_iova(addr, iova));
	mlx5x_hold_let_go(&holder);
	return ret == 0 ? 0 : fail(ret);
}

int
mlx5x_dma_unmap(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len)
{
	struct mlx5x_range range = {(uintptr_t)addr, len};
	struct mlx5x_device *device;
	struct mlx5x_holder holder;
	int ret;

	if (len == 0 || len - 1 > UINTPTR_MAX - range.start)
		return fail(-EINVAL);
	ret = find_device(pci, &holder, &device);
	/* Every mapping ended with the device. */
	if (ret != 0)
		return fail(ret == -EIO ? -ENOENT : ret);
	ret = unmap_for(device, &range, effective_iova(addr, iova));
	mlx5x_hold_let_go(&holder);
	return ret == 0 ? 0 : fail(ret);
}
