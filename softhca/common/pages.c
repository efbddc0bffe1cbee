/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "common/pages.h"

/* The size of a huge page, at least on x86 and with pages of 4 KiB. */
#define HUGE (2ul << 20)

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

bool
hca_pages_populate(void *addr, size_t len, bool write)
{
	uintptr_t start = (uintptr_t)addr & ~(uintptr_t)(HCA_PAGE - 1);
	int advice = write ? MADV_POPULATE_WRITE : MADV_POPULATE_READ;
	uint8_t probe[HCA_PAGE] __attribute__((aligned(HCA_PAGE)));

	if (madvise((void *)start, (uintptr_t)addr + len - start, advice) == 0)
		return true;
	/* Not our own page either: the kernel does not know the question. */
	return madvise(probe, sizeof(probe), advice) != 0;
}

bool
hca_pages_suffice(const char *variable)
{
	const char *type = getenv(variable);
	void *page;

	if (type == NULL || strcmp(type, "HUGE") != 0)
		return true;
	page = mmap(NULL, HUGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (page == MAP_FAILED)
		return false;
	munmap(page, HUGE);
	return true;
}
