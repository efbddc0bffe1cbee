/* SPDX-License-Identifier: BSD-3-Clause */
/* port: what a port of the driver needs to know. dma.c has it, or naive.c. */
#ifndef VFIO_PAGES_PORT_H
#define VFIO_PAGES_PORT_H

#include <stddef.h>
#include <stdint.h>

struct rte_pci_device;

/* The two members of struct rte_pci_driver. */
int vfio_pages_dma_map(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len);
int vfio_pages_dma_unmap(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len);

/* After a successful probe, 0 or -errno; and before remove. */
int vfio_pages_open(const struct rte_pci_device *pci);
void vfio_pages_close(const struct rte_pci_device *pci);

#endif /* VFIO_PAGES_PORT_H */
