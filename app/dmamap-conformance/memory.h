/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Memory that DPDK does not own: allocated from the kernel, registered with EAL, and freed. Main
 * thread only.
 */
#ifndef CONFORMANCE_MEMORY_H
#define CONFORMANCE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum memory_kind {
	MEMORY_ANON,	/* private, base pages */
	MEMORY_HUGE,	/* private, 2 MiB pages */
	MEMORY_MEMFD,	/* memfd_create(), shared */
	MEMORY_FILE,	/* an unlinked file, shared */
	MEMORY_DMABUF,	/* of udmabuf: not every kernel lets its addresses be mapped */
	MEMORY_KINDS,
};

struct memory {
	uint8_t *addr;
	size_t len;		/* bytes, whole pages */
	size_t page;		/* bytes */
	enum memory_kind kind;
	int fd;			/* of shared memory and dma-bufs, not of an alias; else -1 */
	bool registered;
};

const char *memory_kind_name(enum memory_kind kind);

/* Bytes of a base page: the alignment of IOMMU mappings. */
size_t memory_page(void);

/* len is rounded up to whole pages; the pages are populated. Returns 0 or -errno. */
int memory_alloc(struct memory *memory, enum memory_kind kind, size_t len);

/* The same pages at another address. memory: of a shared kind. Returns 0 or -errno. */
int memory_alias(const struct memory *memory, struct memory *alias);

/* Replaces the pages at addr by new zeroed ones. Returns 0 or -errno. */
int memory_replace(void *addr, size_t len);

/* rte_extmem_register() and rte_extmem_unregister(). Return 0 or -errno. */
int memory_register(struct memory *memory);
int memory_unregister(struct memory *memory);

/* Unregisters it if registered, and unmaps it. Accepts a zeroed struct. */
void memory_free(struct memory *memory);

#endif
