/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dma.h - the dma_map and dma_unmap callbacks of struct rte_pci_driver: the reason for this driver.
 *
 * Return 0, or a negative errno and its positive value in rte_errno; a failed call changes nothing.
 * Any byte range can be mapped. iova 0 or RTE_BAD_IOVA means the address itself if EAL runs in
 * IOVA-as-VA mode. Any other iova only distinguishes mappings, as verbs address memory by VA.
 * Any thread, with traffic running; may sleep.
 *
 * Process type, overflow, the iova rule and overlaps are checked here although pci_ext checks them
 * too: without pci_ext nothing else does.
 *
 * A mapping belongs to the PCI function: it lives until its unmap or the removal of the function.
 * Closing the port does not end it; after the close map and unmap work as before. The mappings of a
 * dead device end when its port is closed.
 *
 * map:   EEXIST overlaps another mapping, or is in an EAL heap, which is registered implicitly
 *        unless mr_implicit=none; EBUSY the memory registered with EAL here before is still mapped,
 *        and a queue owns buffers in it; EFAULT not backed or not writable; ENOMEM a limit, named
 *        in the log; EINVAL empty, wraps, or the function was not probed; EIO the device is dead:
 *        detach the function; ENOTSUP secondary process.
 * unmap: ENOENT no mapping overlaps, also if the function is not probed or was dead and closed;
 *        EINVAL empty, wraps, or not exactly one mapping; EBUSY a queue owns buffers in it; ENOTSUP
 *        secondary process; another errno: the kernel refused to deregister it (mr.h).
 */
#ifndef MLX5X_DMA_H_
#define MLX5X_DMA_H_

#include <stddef.h>
#include <stdint.h>

struct rte_pci_device;

int mlx5x_dma_map(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len);
int mlx5x_dma_unmap(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len);

#endif
