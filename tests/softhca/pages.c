/* SPDX-License-Identifier: BSD-3-Clause */
#include <sys/mman.h>

#include "pages.h"

void *
hca_pages_alloc(size_t len)
{
	void *pages = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return pages != MAP_FAILED ? pages : NULL;
}

void
hca_pages_free(void *pages, size_t len)
{
	if (pages != NULL)
		munmap(pages, len);
}
