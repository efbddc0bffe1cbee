/* SPDX-License-Identifier: BSD-3-Clause */
#include <sys/mman.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_memory.h>

#include "../check.h"
#include "rig.h"

void
rig_make_memory(struct rig *rig)
{
	rig->page = sysconf(_SC_PAGESIZE);
	rig->len = PAGES * rig->page;
	rig->mem = mmap(NULL, rig->len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(rig->mem != MAP_FAILED, "mmap");
	check(rte_extmem_register(rig->mem, rig->len, NULL, 0, rig->page) == 0,
		"rte_extmem_register");
}

void
rig_free_memory(struct rig *rig)
{
	check(rte_extmem_unregister(rig->mem, rig->len) == 0, "rte_extmem_unregister");
	munmap(rig->mem, rig->len);
}

static int
error_of(int ret)
{
	return ret == 0 ? 0 : rte_errno;
}

int
rig_map(const struct rig *rig, size_t offset, size_t len)
{
	char *addr = rig->mem + offset;

	return error_of(rte_dev_dma_map(rig->dev, addr, (uintptr_t)addr, len));
}

int
rig_unmap(const struct rig *rig, size_t offset, size_t len)
{
	char *addr = rig->mem + offset;

	return error_of(rte_dev_dma_unmap(rig->dev, addr, (uintptr_t)addr, len));
}

int
rig_map_at(const struct rig *rig, uint64_t iova)
{
	return error_of(rte_dev_dma_map(rig->dev, rig->mem, iova, rig->len));
}
