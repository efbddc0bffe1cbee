/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory that cannot be mapped, or is mapped already. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_fbarray.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#include "../check.h"
#include "rig.h"

/* For memory that some device accepts. */
static int
map_for_now(struct rig *rig)
{
	int error = rig_map(rig, 0, rig->len);

	return error == 0 ? rig_unmap(rig, 0, rig->len) : error;
}

int
case_hole(struct rig *rig)
{
	munmap(rig->mem + rig->page, rig->page);
	return rig_map(rig, 0, rig->len);
}

int
case_guard_page(struct rig *rig)
{
	check(mprotect(rig->mem + rig->page, rig->page, PROT_NONE) == 0, "mprotect");
	return rig_map(rig, 0, rig->len);
}

int
case_read_only(struct rig *rig)
{
	memset(rig->mem, 1, rig->len);
	check(mprotect(rig->mem + rig->page, rig->page, PROT_READ) == 0, "mprotect");
	return rig_map(rig, 0, rig->len);
}

/* Puts a file of this many bytes over the second page. */
static void
put_file(struct rig *rig, const char *path, off_t size, int flags, int prot)
{
	int fd = path == NULL ? memfd_create("refusals", MFD_CLOEXEC) : open(path, flags);

	check(fd >= 0, path == NULL ? "memfd_create" : path);
	if (size >= 0)
		check(ftruncate(fd, size) == 0, "ftruncate");
	check(mmap(rig->mem + rig->page, rig->page, prot, MAP_SHARED | MAP_FIXED, fd, 0) !=
		MAP_FAILED, "mmap");
	close(fd);
}

int
case_read_only_shared(struct rig *rig)
{
	put_file(rig, "/bin/true", -1, O_RDONLY, PROT_READ);
	return rig_map(rig, 0, rig->len);
}

int
case_end_of_file(struct rig *rig)
{
	put_file(rig, NULL, 0, 0, PROT_READ | PROT_WRITE);
	return rig_map(rig, 0, rig->len);
}

/* BAR 0 of a NIC that no driver uses here. */
int
case_device_memory(struct rig *rig)
{
	put_file(rig, "/sys/bus/pci/devices/0000:00:13.0/resource0", -1, O_RDWR,
		PROT_READ | PROT_WRITE);
	return map_for_now(rig);
}

/* Registered again without an unmap: the old mapping ends, the new one is made. */
int
case_stale(struct rig *rig)
{
	int error;

	check(rig_map(rig, 0, rig->len) == 0, "the first map");
	check(rte_extmem_unregister(rig->mem, rig->len) == 0 &&
		rte_extmem_register(rig->mem, rig->len, NULL, 0, rig->page) == 0,
		"registered again");
	error = rig_map(rig, 0, rig->len);
	if (error == 0)
		error = rig_unmap(rig, 0, rig->len);
	return error;
}

/* EAL maps a heap at its IOVAs; one that was added without IOVAs is the application's to map. */
int
case_heap_without_iovas(struct rig *rig)
{
	static const char name[] = "refusals";
	int error;

	check(rte_extmem_unregister(rig->mem, rig->len) == 0 && rte_malloc_heap_create(name) == 0 &&
		rte_malloc_heap_memory_add(name, rig->mem, rig->len, NULL, 0, rig->page) == 0,
		"heap");
	error = map_for_now(rig);
	check(rte_malloc_heap_memory_remove(name, rig->mem, rig->len) == 0 &&
		rte_malloc_heap_destroy(name) == 0 &&
		rte_extmem_register(rig->mem, rig->len, NULL, 0, rig->page) == 0,
		"heap's end");
	return error;
}

/* Of EAL's own heap. */
int
case_heap_page(struct rig *rig)
{
	void *page = rte_malloc(NULL, rig->page, rig->page);
	int ret;

	check(page != NULL, "rte_malloc");
	ret = rte_dev_dma_map(rig->dev, page, (uintptr_t)page, rig->page);
	if (ret == 0)
		rte_dev_dma_unmap(rig->dev, page, (uintptr_t)page, rig->page);
	rte_free(page);
	return ret == 0 ? 0 : rte_errno;
}

/* The last page of a list, if EAL has not allocated it. */
static int
find_free_page(const struct rte_memseg_list *msl, void *arg)
{
	uint64_t last = msl->addr_64 + msl->len - msl->page_sz;

	if (msl->external || rte_fbarray_is_used((struct rte_fbarray *)(uintptr_t)&msl->memseg_arr,
		msl->memseg_arr.len - 1) != 0)
		return 0;
	*(uint64_t *)arg = last;
	return 1;
}

/* Other memory at an IOVA that EAL will use. */
int
case_reserved(struct rig *rig)
{
	uint64_t iova = 0;

	check(rte_memseg_list_walk(find_free_page, &iova) > 0, "a reserved page");
	return rig_map_at(rig, iova);
}
