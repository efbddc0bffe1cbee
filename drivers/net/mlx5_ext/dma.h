/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dma.h - the dma_map and dma_unmap callbacks of struct rte_pci_driver: the reason for this driver.
 *
 * Return 0, or a negative errno with the same value, positive, in rte_errno; a failed call changes
 * nothing. Any byte range may be mapped. iova 0 or RTE_BAD_IOVA means the address itself while EAL
 * runs in IOVA-as-VA mode; otherwise it only tells mappings apart, as verbs address memory by VA.
 * Any thread, with traffic running; may sleep.
 *
 * Where pci_ext is not loaded, this is all that checks a call: process type, wrap, the rule of iova and
 * overlaps are looked at here as they are there.
 *
 * A mapping is the function's: it lives until its unmap or the removal of the function, also when the
 * port was closed meanwhile, and can be made and ended then as before. A device that died is lost with
 * all its mappings when its port is closed.
 *
 * map:   EEXIST overlaps another mapping, or is in a heap of EAL's, which gets its keys by itself
 *        unless mr_implicit=none; EBUSY what was registered with EAL here before is mapped still, and
 *        a queue owns buffers in it; EFAULT not backed or not writable; ENOMEM a limit, named in the
 *        log; EINVAL wraps, or the function was not probed; EIO the device is dead: detach the
 *        function; ENOTSUP in a secondary process.
 * unmap: ENOENT nothing there; EINVAL not exactly one mapping; EBUSY a queue owns buffers in it;
 *        ENOTSUP in a secondary process.
 */
#ifndef MLX5X_DMA_H_
#define MLX5X_DMA_H_

#include <stddef.h>
#include <stdint.h>

struct rte_pci_device;

int mlx5x_dma_map(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len);
int mlx5x_dma_unmap(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len);

#endif
