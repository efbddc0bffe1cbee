/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the allocation of each kind of memory from the kernel.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memkind.h"
#include "udmabuf.h"

#ifndef MAP_HUGE_2MB
#define MAP_HUGE_2MB (21 << 26)
#endif

#define HUGE_PAGE_SIZE ((size_t)2 << 20)

/* Below a limit: places at hugepages, and so many of them, downwards. */
#define PLACE_ALIGN HUGE_PAGE_SIZE
#define PLACE_TRIES 4096

static uintptr_t top; /* of the addresses to use, or 0 */

static const char *const names[] = {
	[MEMKIND_ANON] = "anon",
	[MEMKIND_HUGE] = "huge",
	[MEMKIND_MEMFD] = "memfd",
	[MEMKIND_FILE] = "file",
	[MEMKIND_DMABUF] = "dmabuf",
};

const char *
memkind_name(enum memkind kind)
{
	return names[kind];
}

int
memkind_parse(const char *name, enum memkind *kind)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0) {
			*kind = (enum memkind)i;
			return 0;
		}
	}
	return -EINVAL;
}

size_t
memkind_page_size(enum memkind kind)
{
	return kind == MEMKIND_HUGE ? HUGE_PAGE_SIZE : (size_t)sysconf(_SC_PAGESIZE);
}

/* A file without a name; it exists until it is unmapped. */
static int
open_unlinked(void)
{
	const char *dir = getenv("TMPDIR");
	char path[4096];
	int fd;

	if (dir == NULL || *dir == '\0')
		dir = "/tmp";
	if (snprintf(path, sizeof(path), "%s/dmamap-demo.XXXXXX", dir) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = mkstemp(path);
	if (fd < 0)
		return -errno;
	unlink(path);
	return fd;
}

void
memkind_keep_below(unsigned int bits)
{
	top = bits == 0 ? 0 : (uintptr_t)1 << bits;
}

/* mmap(), at the highest free addresses below the limit, if there is one. */
static int
place(size_t len, int flags, int fd, void **addr)
{
	const int prot = PROT_READ | PROT_WRITE;
	uintptr_t at = top / PLACE_ALIGN * PLACE_ALIGN;
	unsigned int i;

	if (top == 0) {
		*addr = mmap(NULL, len, prot, flags, fd, 0);
		return *addr == MAP_FAILED ? -errno : 0;
	}
	for (i = 0; i < PLACE_TRIES && at > len + PLACE_ALIGN; i++) {
		at = (at - len) / PLACE_ALIGN * PLACE_ALIGN;
		*addr = mmap((void *)at, len, prot, flags | MAP_FIXED_NOREPLACE, fd, 0);
		if (*addr != MAP_FAILED || errno != EEXIST)
			return *addr == MAP_FAILED ? -errno : 0;
	}
	return -EEXIST;
}

static int
map_fd(int fd, size_t len, void **addr)
{
	int ret = 0;

	if (fd < 0)
		return fd;
	if (ftruncate(fd, (off_t)len) != 0)
		ret = -errno;
	if (ret == 0)
		ret = place(len, MAP_SHARED, fd, addr);
	close(fd);
	return ret;
}

static int
map_memfd(size_t len, void **addr)
{
	int fd = memfd_create("dmamap-demo", MFD_CLOEXEC);

	return map_fd(fd < 0 ? -errno : fd, len, addr);
}

static int
map_dmabuf(size_t len, void **addr, int *dmabuf)
{
	int fd = udmabuf_create(len), ret;

	if (fd < 0)
		return fd;
	ret = place(len, MAP_SHARED, fd, addr);
	if (ret == 0)
		*dmabuf = fd;
	else
		close(fd);
	return ret;
}

int
memkind_alloc(enum memkind kind, size_t *len, void **addr, int *dmabuf)
{
	size_t page = memkind_page_size(kind);
	void *mapped = NULL;
	size_t rounded;
	int ret, fd = -1;

	if (*len == 0 || *len > SIZE_MAX - page)
		return -EINVAL;
	rounded = (*len + page - 1) / page * page;

	switch (kind) {
	case MEMKIND_ANON:
		ret = place(rounded, MAP_PRIVATE | MAP_ANONYMOUS, -1, &mapped);
		break;
	case MEMKIND_HUGE:
		ret = place(rounded, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB, -1,
			&mapped);
		break;
	case MEMKIND_MEMFD:
		ret = map_memfd(rounded, &mapped);
		break;
	case MEMKIND_FILE:
		ret = map_fd(open_unlinked(), rounded, &mapped);
		break;
	case MEMKIND_DMABUF:
		ret = map_dmabuf(rounded, &mapped, &fd);
		break;
	default:
		ret = -EINVAL;
	}
	if (ret != 0)
		return ret;
	*addr = mapped;
	*len = rounded;
	*dmabuf = fd;
	return 0;
}

const char *
memkind_advice(enum memkind kind, int error)
{
	if (error == EEXIST)
		return "no free addresses below --address-bits";
	if (kind == MEMKIND_HUGE && error == ENOMEM)
		return "too few free hugepages of 2 MiB, see /proc/sys/vm/nr_hugepages";
	return kind == MEMKIND_DMABUF ? udmabuf_advice(error) : NULL;
}

void
memkind_free(void *addr, size_t len)
{
	munmap(addr, len);
}
