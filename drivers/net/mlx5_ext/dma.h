/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dma.h - the dma_map and dma_unmap callbacks of struct rte_pci_driver, the reason for this driver,
 * and dma_map_memory of struct pci_ext_driver.
 *
 * The contract is pci_ext.h, for the driver backend. Process type, overflow, the iova rule and
 * overlaps are checked here although pci_ext checks them too: without pci_ext nothing else does.
 * An iova other than the address only distinguishes mappings, as verbs address memory by VA.
 *
 * A mapping belongs to the PCI function: it lives until its unmap or the removal of the function.
 * Closing the port does not end it; after the close map and unmap work as before. The mappings of a
 * dead device end when its port is closed.
 *
 * In addition to pci_ext.h:
 * map:   EEXIST also for memory of an EAL heap, which is registered implicitly unless
 *        mr_implicit=none; EINVAL also for len 0, or if the function is not probed; EIO: the
 *        device is dead, detach the function; another errno of ibv_reg_mr().
 * unmap: EINVAL also for len 0; ENOENT also if the function is not probed, or was dead and closed;
 *        another errno: the kernel refused to deregister it (mr.h).
 */
#ifndef MLX5X_DMA_H_
#define MLX5X_DMA_H_

#include <stddef.h>
#include <stdint.h>

#include "pci_ext.h"

struct rte_pci_device;

int mlx5x_dma_map(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len);
/*
 * dma_map_memory. EEXIST also for a second map of the range with another access, and of any
 * dma-buf: a mapping of one has one reference. EBADF, EINVAL and ENOTSUP as
 * mlx5x_verbs_reg_dmabuf_mr().
 */
int mlx5x_dma_map_memory(struct rte_pci_device *pci, const struct pci_ext_memory *memory);
int mlx5x_dma_unmap(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len);

#endif
