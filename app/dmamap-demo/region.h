/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Memory that DPDK does not own, registered with EAL: the memory to be mapped. Main thread only.
 */
#ifndef DMAMAP_DEMO_REGION_H
#define DMAMAP_DEMO_REGION_H

#include <stdbool.h>
#include <stddef.h>

#include <rte_common.h>
#include <rte_dev.h>

#include "memkind.h"

/* A part of the region with contiguous device addresses: one call of rte_dev_dma_map(). */
struct region_chunk {
	void *addr;
	rte_iova_t iova;
	size_t len;
};

struct region {
	void *addr;
	size_t len;
	size_t page_size;
	struct region_chunk *chunks;
	unsigned int n_chunks;	/* 1 when device addresses are virtual addresses */
	int dmabuf;		/* its descriptor, if it is of a dma-buf; or -1 */
	bool registered;
};

/*
 * Allocate size bytes (rounded up to pages) and rte_extmem_register() them. Returns 0 or -errno
 * with a message in err. Physical device addresses (IOVA mode PA) are stable for hugepages only:
 * other kinds are -ENOTSUP there. So is a dma-buf without the plugin that maps such.
 * region_destroy() may be called in either case.
 */
int region_create(struct region *region, enum memkind kind, size_t size, char *err,
	size_t err_len);

/* Unregister and free. No device may have it mapped. */
void region_destroy(struct region *region);

/*
 * rte_dev_dma_map() all of it, or none: returns 0, or -errno of the device's bus. Of a dma-buf by
 * pci_ext_dma_map(), and -ENOTSUP on another bus than PCI, or without a driver.
 */
int region_map(const struct region *region, struct rte_device *dev);

/* rte_dev_dma_unmap() all of it. Returns 0, or the first error as -errno after trying the rest. */
int region_unmap(const struct region *region, struct rte_device *dev);

/* True when all of [addr, addr + len) lies in the region. */
bool region_contains(const struct region *region, const void *addr, size_t len);

/* The device address of offset; *left is set to the bytes that are contiguous from there. */
rte_iova_t region_iova(const struct region *region, size_t offset, size_t *left);

#endif
