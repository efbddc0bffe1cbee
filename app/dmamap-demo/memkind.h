/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Memory that DPDK does not own, of five kinds. Without DPDK; any thread.
 */
#ifndef DMAMAP_DEMO_MEMKIND_H
#define DMAMAP_DEMO_MEMKIND_H

#include <stddef.h>

enum memkind {
	MEMKIND_ANON,	/* private anonymous pages of the base size */
	MEMKIND_HUGE,	/* private anonymous 2 MiB hugepages */
	MEMKIND_MEMFD,	/* memfd_create(), mapped shared */
	MEMKIND_FILE,	/* a file below $TMPDIR or /tmp, unlinked at once, mapped shared */
	MEMKIND_DMABUF,	/* a dma-buf of udmabuf, mapped shared for the CPU */
};

/* The name in --memory and in the report. */
const char *memkind_name(enum memkind kind);

/* Returns 0 and sets *kind, or -EINVAL for an unknown name. */
int memkind_parse(const char *name, enum memkind *kind);

/* Bytes per page of such memory: the page size for rte_extmem_register(). */
size_t memkind_page_size(enum memkind kind);

/*
 * Allocate below 2^bits from now on, in the whole process, for IOMMUs that accept no higher IOVAs:
 * the kernel prefers the highest free addresses. 0, as at first: anywhere. Not beside other calls.
 */
void memkind_keep_below(unsigned int bits);

/*
 * Allocate len bytes, rounded up to whole pages and zeroed; the caller owns them until
 * memkind_free(*addr, *len). On success returns 0 and sets *addr, the rounded *len, and *dmabuf:
 * the descriptor of the dma-buf, the caller's to close, or -1 for the other kinds.
 * On failure returns -errno and nothing is allocated: memkind_advice() may know why.
 */
int memkind_alloc(enum memkind kind, size_t *len, void **addr, int *dmabuf);

/* What may help against the error (positive) of memkind_alloc(); NULL: nothing is known. */
const char *memkind_advice(enum memkind kind, int error);

void memkind_free(void *addr, size_t len);

#endif
