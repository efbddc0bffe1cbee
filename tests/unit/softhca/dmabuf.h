/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dmabuf.h - a memfd that is taken for a dma-buf: fstatfs() of the program says so. Few machines
 * let everybody make a real one.
 */
#ifndef TEST_SOFTHCA_DMABUF_H_
#define TEST_SOFTHCA_DMABUF_H_

#include <stddef.h>

/* Its descriptor, which the caller closes, or -1. Only the last one is taken for a dma-buf. */
int dmabuf_make(size_t len);

#endif
