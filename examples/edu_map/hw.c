/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hw: allocates addresses in the 256 MiB that edu devices can access, and maps memory there.
 *
 * Calls the kernel on EAL's container instead of rte_vfio_container_dma_map(), which reports a
 * conflict as success, does not return the kernel's error, and is limited to 256 mappings.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/vfio.h>

#include <rte_common.h>

#include "backend/container.h"
#include "hw.h"

#define PAGE	     4096u
#define WINDOW_PAGES ((256u << 20) / PAGE)
#define FIRST_PAGE   256u /* leaves 1 MiB unmapped, as wrong addresses are often small */

static int container = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* no other lock is taken under it */
static bool taken[WINDOW_PAGES];
static uint32_t next = FIRST_PAGE; /* start of the search */

int
edu_hw_init(void)
{
	container = pci_ext_container_find();
	return container < 0 ? -ENODEV : 0;
}

/* The first of n free pages in [from, to), or 0. */
static uint32_t
find_free(uint32_t from, uint32_t to, uint32_t n)
{
	uint32_t page, run = 0;

	for (page = from; page < to; page++) {
		run = taken[page] ? 0 : run + 1;
		if (run == n)
			return page + 1 - n;
	}
	return 0;
}

static uint32_t
alloc_pages(uint32_t n)
{
	uint32_t first;

	pthread_mutex_lock(&lock);
	first = find_free(next, WINDOW_PAGES, n);
	if (first == 0)
		first = find_free(FIRST_PAGE, WINDOW_PAGES, n);
	if (first != 0) {
		memset(&taken[first], true, n);
		next = first + n;
	}
	pthread_mutex_unlock(&lock);
	return first;
}

static void
free_pages(uint32_t first, uint32_t n)
{
	pthread_mutex_lock(&lock);
	memset(&taken[first], false, n);
	pthread_mutex_unlock(&lock);
}

/* The number of pages that the range is on; *offset: of its start in the first one. */
static size_t
pages_around(const struct edu_range *range, size_t *offset)
{
	*offset = range->start % PAGE;
	return range->len / PAGE + (*offset + range->len % PAGE + PAGE - 1) / PAGE;
}

/* >>> hw_map */
static int
map_pages(uintptr_t start, uint64_t address, size_t n)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = start,
		.iova = address,
		.size = n * PAGE,
	};

	if (ioctl(container, VFIO_IOMMU_MAP_DMA, &map) == 0)
		return 0;
	return errno == ENOSPC ? -ENOMEM : -errno; /* ENOSPC: dma_entry_limit */
}

int
edu_hw_map(const struct edu_range *range, uint64_t *address)
{
	size_t offset, n = pages_around(range, &offset);
	uint32_t first;
	int ret;

	if (n >= WINDOW_PAGES)
		return -ENOMEM;
	do {
		first = alloc_pages(n + 1);
		if (first == 0)
			return -ENOMEM;
		ret = map_pages(range->start - offset, (uint64_t)first * PAGE, n);
		/* EEXIST: another device of the container uses these IOVAs: keep them allocated. */
	} while (ret == -EEXIST);
	if (ret != 0)
		free_pages(first, n + 1);
	else
		*address = (uint64_t)first * PAGE + offset;
	return ret;
}
/* <<< hw_map */

int
edu_hw_unmap(const struct edu_range *range, uint64_t address)
{
	size_t offset, n = pages_around(range, &offset);
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = address - offset,
		.size = n * PAGE,
	};

	/* Pages that the kernel still maps must not be allocated again. */
	if (ioctl(container, VFIO_IOMMU_UNMAP_DMA, &unmap) != 0)
		return -errno;
	free_pages((address - offset) / PAGE, n + 1);
	return 0;
}

size_t
edu_hw_left(void)
{
	size_t n = 0, page;

	pthread_mutex_lock(&lock);
	for (page = FIRST_PAGE; page < WINDOW_PAGES; page++)
		n += !taken[page];
	pthread_mutex_unlock(&lock);
	return n * PAGE;
}
