/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pages.h - memory that the device and its user share: rings, doorbell records, doorbell pages.
 */
#ifndef SOFTHCA_PAGES_H_
#define SOFTHCA_PAGES_H_

#include <stddef.h>

#define HCA_PAGE 4096u

/* Zeroed whole pages, or NULL. */
void *hca_pages_alloc(size_t len);
/* Also NULL. */
void hca_pages_free(void *pages, size_t len);

#endif
