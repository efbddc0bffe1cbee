/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the life cycle of a region: allocate, register with EAL, map for a device, and back.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_bus.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>

#include "pci_ext.h"
#include "plugin.h"
#include "region.h"

/* The error of a failed device call. rte_errno was 0 before it, and the bus may not have set it. */
static int
call_error(int ret)
{
	if (rte_errno > 0)
		return -rte_errno;
	return ret < -1 ? ret : -EIO;
}

static int
split_by_page(struct region *region)
{
	unsigned int i;

	for (i = 0; i < region->n_chunks; i++) {
		struct region_chunk *chunk = &region->chunks[i];

		chunk->addr = RTE_PTR_ADD(region->addr, i * region->page_size);
		chunk->len = region->page_size;
		chunk->iova = rte_mem_virt2iova(chunk->addr);
		if (chunk->iova == RTE_BAD_IOVA)
			return -EFAULT;
	}
	return 0;
}

static int
find_chunks(struct region *region)
{
	bool va = rte_eal_iova_mode() == RTE_IOVA_VA;

	region->n_chunks = va ? 1 : region->len / region->page_size;
	region->chunks = calloc(region->n_chunks, sizeof(*region->chunks));
	if (region->chunks == NULL)
		return -ENOMEM;
	if (!va)
		return split_by_page(region);
	region->chunks[0].addr = region->addr;
	region->chunks[0].iova = (uintptr_t)region->addr;
	region->chunks[0].len = region->len;
	return 0;
}

/* EAL needs a table of device addresses, page by page, only if they are not virtual addresses. */
static int
register_pages(struct region *region)
{
	rte_iova_t *iovas = NULL;
	unsigned int i, n = 0;
	int ret;

	if (rte_eal_iova_mode() != RTE_IOVA_VA) {
		n = region->n_chunks;
		iovas = calloc(n, sizeof(*iovas));
		if (iovas == NULL)
			return -ENOMEM;
		for (i = 0; i < n; i++)
			iovas[i] = region->chunks[i].iova;
	}
	ret = rte_extmem_register(region->addr, region->len, iovas, n, region->page_size);
	free(iovas);
	if (ret != 0)
		return -rte_errno;
	region->registered = true;
	return 0;
}

/* 0, or -ENOTSUP with a message. */
static int
check_kind(enum memkind kind, char *err, size_t err_len)
{
	if (rte_eal_iova_mode() != RTE_IOVA_VA && kind != MEMKIND_HUGE) {
		snprintf(err, err_len,
			"IOVA mode is PA, and the physical addresses of %s memory may change: "
			"use --memory=huge, or EAL's --iova-mode=va",
			memkind_name(kind));
		return -ENOTSUP;
	}
	if (kind == MEMKIND_DMABUF && plugin_map() == NULL) {
		snprintf(err, err_len, "--memory=dmabuf: only librte_bus_pci_ext.so maps a "
			"dma-buf: load it with -d");
		return -ENOTSUP;
	}
	return 0;
}

int
region_create(struct region *region, enum memkind kind, size_t size, char *err, size_t err_len)
{
	const char *advice;
	int ret;

	*region = (struct region){.dmabuf = -1};
	ret = check_kind(kind, err, err_len);
	if (ret != 0)
		return ret;
	region->len = size;
	region->page_size = memkind_page_size(kind);
	ret = memkind_alloc(kind, &region->len, &region->addr, &region->dmabuf);
	if (ret != 0) {
		advice = memkind_advice(kind, -ret);
		snprintf(err, err_len, "--memory=%s: %zu bytes: %s%s%s", memkind_name(kind), size,
			strerror(-ret), advice == NULL ? "" : ": ", advice == NULL ? "" : advice);
		return ret;
	}
	memset(region->addr, 0, region->len);	/* physical addresses exist from here on */
	ret = find_chunks(region);
	if (ret == 0)
		ret = register_pages(region);
	if (ret != 0)
		snprintf(err, err_len, "rte_extmem_register: %s", strerror(-ret));
	return ret;
}

void
region_destroy(struct region *region)
{
	if (region->registered && rte_extmem_unregister(region->addr, region->len) != 0)
		fprintf(stderr, "dmamap-demo: rte_extmem_unregister: %s\n",
			rte_strerror(rte_errno));
	if (region->addr != NULL)
		memkind_free(region->addr, region->len);
	if (region->addr != NULL && region->dmabuf >= 0)
		close(region->dmabuf);
	free(region->chunks);
	memset(region, 0, sizeof(*region));
}

/* A map by name would be pending until a driver claims the device. */
static bool
is_claimed(const struct rte_device *dev)
{
	return strcmp(rte_bus_name(rte_dev_bus(dev)), "pci") == 0 && rte_dev_driver(dev) != NULL;
}

static int
map_chunk(const struct region *region, const struct region_chunk *chunk, struct rte_device *dev)
{
	const struct pci_ext_memory memory = {
		.addr = chunk->addr,
		.iova = chunk->iova,
		.len = chunk->len,
		.is_dmabuf = 1,
		.fd = region->dmabuf,
		.offset = RTE_PTR_DIFF(chunk->addr, region->addr),
	};

	if (region->dmabuf < 0)
		return rte_dev_dma_map(dev, chunk->addr, chunk->iova, chunk->len);
	if (!is_claimed(dev))
		return -ENOTSUP;
	return plugin_map()(rte_dev_name(dev), &memory);
}

static int
unmap_chunk(const struct region_chunk *chunk, struct rte_device *dev)
{
	int ret;

	rte_errno = 0;
	ret = rte_dev_dma_unmap(dev, chunk->addr, chunk->iova, chunk->len);
	return ret == 0 ? 0 : call_error(ret);
}

int
region_map(const struct region *region, struct rte_device *dev)
{
	unsigned int i;
	int ret;

	for (i = 0; i < region->n_chunks; i++) {
		rte_errno = 0;
		ret = map_chunk(region, &region->chunks[i], dev);
		if (ret != 0)
			goto err_unmap;
	}
	return 0;

err_unmap:
	ret = call_error(ret);
	while (i-- > 0)
		unmap_chunk(&region->chunks[i], dev);
	return ret;
}

int
region_unmap(const struct region *region, struct rte_device *dev)
{
	unsigned int i;
	int ret = 0, first = 0;

	for (i = 0; i < region->n_chunks; i++) {
		ret = unmap_chunk(&region->chunks[i], dev);
		if (first == 0)
			first = ret;
	}
	return first;
}

bool
region_contains(const struct region *region, const void *addr, size_t len)
{
	size_t offset = (uintptr_t)addr - (uintptr_t)region->addr;

	return (uintptr_t)addr >= (uintptr_t)region->addr && offset <= region->len &&
		len <= region->len - offset;
}

rte_iova_t
region_iova(const struct region *region, size_t offset, size_t *left)
{
	size_t chunk_len = region->chunks[0].len;	/* the same for all of them */
	size_t inside = offset % chunk_len;

	*left = chunk_len - inside;
	return region->chunks[offset / chunk_len].iova + inside;
}
