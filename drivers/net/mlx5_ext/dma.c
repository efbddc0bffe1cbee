/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>

#include <rte_eal.h>
#include <rte_errno.h>

#define LOG_ROOM "dma"
#include "compat.h"
#include "dma.h"
#include "log.h"
#include "port.h"
#include "trace.h"

static int
fail(int ret)
{
	rte_errno = -ret;
	return ret;
}

/* The port of the function; if it was closed, the error that closed says. */
static int
find_port(const struct rte_pci_device *pci, int closed, struct mlx5x_port **port)
{
	struct rte_eth_dev *dev;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
		MLX5X_LOG(ERR, "%s: only the primary process can map memory", pci->name);
		return -ENOTSUP;
	}
	dev = rte_eth_dev_allocated(pci->name);
	if (dev == NULL)
		return closed;
	*port = dev->data->dev_private;
	return 0;
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
explain_enomem(const struct mlx5x_port *port, const struct mlx5x_range *range)
{
	struct rlimit limit;
	char lock[32] = "unlimited";

	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
		snprintf(lock, sizeof(lock), "%ju bytes", (uintmax_t)limit.rlim_cur);
	MLX5X_LOG(ERR, "%s: no memory to pin %zu bytes at %#" PRIxPTR ": RLIMIT_MEMLOCK is %s "
		"(ulimit -l), the device has %u MRs", port->dev->data->name, range->len,
		range->start, lock, port->caps.max_mr);
}

static void
explain_map(const struct mlx5x_port *port, const struct mlx5x_range *range, int ret,
	const struct mlx5x_range *conflict)
{
	const char *name = port->dev->data->name;

	if (ret == -EEXIST)
		MLX5X_LOG(ERR, "%s: cannot map %zu bytes at %#" PRIxPTR ": overlaps the mapping of "
			"%zu bytes at %#" PRIxPTR, name, range->len, range->start, conflict->len,
			conflict->start);
	else if (ret == -ENOMEM)
		explain_enomem(port, range);
	else
		MLX5X_LOG(ERR, "%s: cannot map %zu bytes at %#" PRIxPTR ": %s", name, range->len,
			range->start, strerror(-ret));
}

static void
explain_unmap(const struct mlx5x_port *port, const struct mlx5x_range *range, int ret,
	const struct mlx5x_range *conflict)
{
	const char *name = port->dev->data->name;

	if (ret == -EINVAL)
		MLX5X_LOG(ERR, "%s: cannot unmap %zu bytes at %#" PRIxPTR ": the mapping there is "
			"of %zu bytes at %#" PRIxPTR, name, range->len, range->start,
			conflict->len, conflict->start);
	else if (ret == -EBUSY)
		MLX5X_LOG(WARNING, "%s: cannot unmap %zu bytes at %#" PRIxPTR ": a queue owns buffers "
			"in it; stop the port, or wait until they are back", name, range->len,
			range->start);
	else
		MLX5X_LOG(ERR, "%s: cannot unmap %zu bytes at %#" PRIxPTR ": %s", name, range->len,
			range->start, strerror(-ret));
}

int
mlx5x_dma_map(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len)
{
	struct mlx5x_range range = {(uintptr_t)addr, len}, conflict = {0};
	struct mlx5x_port *port;
	int ret;

	if (len == 0 || len - 1 > UINTPTR_MAX - range.start)
		return fail(-EINVAL);
	ret = find_port(pci, -EINVAL, &port);
	if (ret == -EINVAL)
		MLX5X_LOG(ERR, "%s: cannot map: the port was closed, attach it again", pci->name);
	if (ret != 0)
		return fail(ret);
	iova = effective_iova(addr, iova);
	ret = mlx5x_mr_map(port->mrs, &range, iova, &conflict);
	if (rte_trace_point_is_enabled(&__mlx5x_trace_map))
		mlx5x_trace_map(pci->name, addr, iova, len, ret, mlx5x_mr_refs(port->mrs, &range));
	if (ret == 0)
		return 0;
	explain_map(port, &range, ret, &conflict);
	return fail(ret);
}

int
mlx5x_dma_unmap(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len)
{
	struct mlx5x_range range = {(uintptr_t)addr, len}, conflict = {0};
	struct mlx5x_port *port;
	int ret;

	if (len == 0 || len - 1 > UINTPTR_MAX - range.start)
		return fail(-EINVAL);
	/* Every mapping ended with the port. */
	ret = find_port(pci, -ENOENT, &port);
	if (ret != 0)
		return fail(ret);
	iova = effective_iova(addr, iova);
	ret = mlx5x_mr_unmap(port->mrs, &range, iova, &conflict);
	if (rte_trace_point_is_enabled(&__mlx5x_trace_unmap))
		mlx5x_trace_unmap(pci->name, addr, iova, len, ret, mlx5x_mr_refs(port->mrs, &range));
	if (ret == 0)
		return 0;
	explain_unmap(port, &range, ret, &conflict);
	return fail(ret);
}
