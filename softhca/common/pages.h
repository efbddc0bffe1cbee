/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pages.h - memory by the page: what the device and its user share (rings, doorbell records,
 * doorbell pages), and what is registered.
 */
#ifndef SOFTHCA_PAGES_H_
#define SOFTHCA_PAGES_H_

#include <stdbool.h>
#include <stddef.h>

#define HCA_PAGE 4096u

/* Zeroed whole pages, or NULL. */
void *hca_pages_alloc(size_t len);
/* Also NULL. */
void hca_pages_free(void *pages, size_t len);

/*
 * Every page of the range can be read or, if asked, written, and is present now. Kernels
 * before 5.14 cannot tell: there each range passes.
 */
bool hca_pages_populate(void *addr, size_t len, bool write);

/*
 * False: the variable, one of libmlx5's MLX_*_ALLOC_TYPE, wants a ring in huge pages, and there are
 * none. (Where there are some, the ring is in others all the same.)
 */
bool hca_pages_suffice(const char *variable);

#endif
