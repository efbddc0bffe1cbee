/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * udmabuf.h - a dma-buf of plain memory, which the kernel's udmabuf makes of a memfd: for programs
 * that want a dma-buf and no device to export one. Without DPDK; any thread.
 */
#ifndef DMAMAP_UDMABUF_H
#define DMAMAP_UDMABUF_H

#include <stddef.h>

#define UDMABUF_NAME "udmabuf"	/* of its memfd */

/*
 * A dma-buf of len zeroed bytes, whole pages. Returns its descriptor, with FD_CLOEXEC and the
 * caller's to close, or -errno: ENOENT, there is no /dev/udmabuf; EACCES, not for this user;
 * EINVAL, len is not of whole pages, or is more than the module's size_limit_mb.
 */
int udmabuf_create(size_t len);

/* 0, or why udmabuf_create() cannot make the smallest one. */
int udmabuf_probe(void);

/* What to do about the error (positive) of udmabuf_create(); NULL: nothing is known. */
const char *udmabuf_advice(int error);

#endif
