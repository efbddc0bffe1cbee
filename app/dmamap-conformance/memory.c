/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the allocation of each kind of memory.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_memory.h>

#include "memory.h"
#include "udmabuf.h"

#ifndef MAP_HUGE_2MB
#define MAP_HUGE_2MB (21 << 26)
#endif

#define HUGE_PAGE ((size_t)2 << 20)

static const char *const names[MEMORY_KINDS] = {
	[MEMORY_ANON] = "anonymous 4K",
	[MEMORY_HUGE] = "huge 2M",
	[MEMORY_MEMFD] = "memfd",
	[MEMORY_FILE] = "shared file",
	[MEMORY_DMABUF] = "dma-buf",
};

const char *
memory_kind_name(enum memory_kind kind)
{
	return names[kind];
}

size_t
memory_page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static int
open_file(void)
{
	char path[] = "/tmp/dmamap-conformance.XXXXXX";
	int fd = mkstemp(path);

	if (fd >= 0)
		unlink(path);
	return fd;
}

static int
map_file(struct memory *memory, int fd)
{
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)memory->len) != 0)
		ret = -errno;
	if (ret == 0)
		memory->addr = mmap(NULL, memory->len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memory->fd = fd;
	return ret;
}

static int
map_dmabuf(struct memory *memory)
{
	int fd = udmabuf_create(memory->len);

	if (fd < 0)
		return fd;
	memory->addr = mmap(NULL, memory->len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memory->fd = fd;
	return 0;
}

static void
map_anonymous(struct memory *memory, int flags)
{
	memory->addr = mmap(NULL, memory->len, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

int
memory_alloc(struct memory *memory, enum memory_kind kind, size_t len)
{
	size_t page = kind == MEMORY_HUGE ? HUGE_PAGE : memory_page();
	int ret = 0;

	*memory = (struct memory){.kind = kind, .page = page, .addr = MAP_FAILED, .fd = -1};
	memory->len = (len + page - 1) / page * page;
	if (kind == MEMORY_MEMFD)
		ret = map_file(memory, memfd_create("dmamap-conformance", MFD_CLOEXEC));
	else if (kind == MEMORY_FILE)
		ret = map_file(memory, open_file());
	else if (kind == MEMORY_DMABUF)
		ret = map_dmabuf(memory);
	else
		map_anonymous(memory, kind == MEMORY_HUGE ? MAP_HUGETLB | MAP_HUGE_2MB : 0);
	if (ret == 0 && memory->addr == MAP_FAILED)
		ret = -errno;
	if (ret != 0) {
		if (memory->fd >= 0)
			close(memory->fd);
		memory->addr = NULL;
		return ret;
	}
	memset(memory->addr, 0, memory->len);
	return 0;
}

int
memory_alias(const struct memory *memory, struct memory *alias)
{
	/* A length of 0: the shared pages stay where they are, too (mremap(2)). */
	void *addr = mremap(memory->addr, 0, memory->len, MREMAP_MAYMOVE);

	if (addr == MAP_FAILED)
		return -errno;
	*alias = *memory;
	alias->addr = addr;
	alias->fd = -1;
	alias->registered = false;
	return 0;
}

int
memory_replace(void *addr, size_t len)
{
	void *got = mmap(addr, len, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE, -1, 0);

	return got == MAP_FAILED ? -errno : 0;
}

int
memory_register(struct memory *memory)
{
	if (rte_extmem_register(memory->addr, memory->len, NULL, 0, memory->page) != 0)
		return -rte_errno;
	memory->registered = true;
	return 0;
}

int
memory_unregister(struct memory *memory)
{
	if (rte_extmem_unregister(memory->addr, memory->len) != 0)
		return -rte_errno;
	memory->registered = false;
	return 0;
}

void
memory_free(struct memory *memory)
{
	if (memory->registered)
		memory_unregister(memory);
	if (memory->addr != NULL) {
		munmap(memory->addr, memory->len);
		if (memory->fd >= 0)
			close(memory->fd);
	}
	memset(memory, 0, sizeof(*memory));
}
