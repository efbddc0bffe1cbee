/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Memory that DPDK does not own: taken from the kernel, made known to EAL, and given back.
 * Main thread only.
 */
#ifndef CONFORMANCE_MEMORY_H
#define CONFORMANCE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum memory_kind {
	MEMORY_ANON,	/* private, pages of the base size */
	MEMORY_HUGE,	/* private, 2 MiB pages */
	MEMORY_MEMFD,	/* memfd_create(), shared */
	MEMORY_FILE,	/* a file without a name, shared */
	MEMORY_KINDS,
};

struct memory {
	uint8_t *addr;
	size_t len;		/* bytes, whole pages */
	size_t page;		/* bytes */
	enum memory_kind kind;
	bool registered;
};

const char *memory_kind_name(enum memory_kind kind);

/* Bytes of a page of the base size: what an IOMMU mapping is aligned to. */
size_t memory_page(void);

/* len is rounded up to pages; the memory is touched. Returns 0 or -errno. */
int memory_alloc(struct memory *memory, enum memory_kind kind, size_t len);

/* Fresh zeroed pages at a fixed address, in place of what is there. Returns 0 or -errno. */
int memory_replace(void *addr, size_t len);

/* rte_extmem_register() and back. Return 0 or -errno. */
int memory_register(struct memory *memory);
int memory_unregister(struct memory *memory);

/* Unregister if need be, and unmap. Accepts a zeroed one. */
void memory_free(struct memory *memory);

#endif
