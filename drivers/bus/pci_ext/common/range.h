/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * range: the addresses of a request or a mapping. Plain data.
 */
#ifndef PCI_EXT_RANGE_H
#define PCI_EXT_RANGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "pci_ext.h"

/* Bytes [addr, addr + len) of this process, at [iova, iova + len) for a device. */
struct pci_ext_range {
	uint64_t addr;
	uint64_t iova;
	uint64_t len;
	enum pci_ext_access access; /* of the device; 0 is both */
};

/* A position in the records of a device; all zero is before the first. Valid across changes. */
struct pci_ext_cursor {
	bool started;
	struct pci_ext_range at;
};

/* Of the CPU. sysconf() takes some 60 instructions. */
static inline uint64_t
pci_ext_page_size(void)
{
	static _Atomic uint64_t known;
	uint64_t size = atomic_load_explicit(&known, memory_order_relaxed);

	if (size == 0) {
		size = sysconf(_SC_PAGESIZE);
		atomic_store_explicit(&known, size, memory_order_relaxed);
	}
	return size;
}

/* Whether len bytes from first on are some, and do not wrap: the last number may be among them. */
static inline bool
pci_ext_range_fits(uint64_t first, uint64_t len)
{
	return len != 0 && len - 1 <= UINT64_MAX - first;
}

static inline bool
pci_ext_range_is_same(const struct pci_ext_range *a, const struct pci_ext_range *b)
{
	return a->addr == b->addr && a->iova == b->iova && a->len == b->len &&
	       a->access == b->access;
}

/* Whether the device may write to it. */
static inline bool
pci_ext_range_writes(const struct pci_ext_range *range)
{
	return range->access == PCI_EXT_ACCESS_READ_WRITE;
}

/* Whether addr, iova and len are multiples of granule, a power of two. */
static inline bool
pci_ext_range_is_aligned(const struct pci_ext_range *range, uint64_t granule)
{
	return ((range->addr | range->iova | range->len) & (granule - 1)) == 0;
}

/* Inclusive, so that a range may end at the end of the address space. */
static inline uint64_t
pci_ext_range_last_addr(const struct pci_ext_range *range)
{
	return range->addr + (range->len - 1);
}

static inline uint64_t
pci_ext_range_last_iova(const struct pci_ext_range *range)
{
	return range->iova + (range->len - 1);
}

#endif /* PCI_EXT_RANGE_H */
