/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dma: the callbacks that DPDK calls to map and unmap; the only place that sets rte_errno.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <rte_bus_pci.h>
#include <rte_eal.h>
#include <rte_eal_memconfig.h>
#include <rte_errno.h>
#include <rte_memory.h>

#include <bus_pci_driver.h>

#include "edu_map.h"

#define COVER_AT_ONCE (2u << 20)

/* >>> callbacks */
static int
fail(int ret)
{
	rte_errno = -ret;
	return ret;
}

/* The common first part of both calls: checks the range, the iova and the device. 0 or -errno. */
static int
prepare(struct rte_pci_device *pci, void *addr, uint64_t *iova, size_t len, struct edu_dev **edu,
	struct edu_range *range)
{
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	*range = (struct edu_range){(uintptr_t)addr, len};
	if (len == 0 || len - 1 > UINTPTR_MAX - range->start)
		return -EINVAL;
	if (*iova == 0 || *iova == RTE_BAD_IOVA) /* the driver requires IOVA as VA */
		*iova = range->start;
	*edu = edu_dev_find(pci);
	return *edu == NULL ? -ENODEV : 0;
}

/* EAL's memory is mapped when a copy needs it: an unmap would not last. */
static bool
is_implicit(const struct edu_range *range)
{
	const struct rte_memseg_list *msl = rte_mem_virt2memseg_list((const void *)range->start);

	return msl != NULL && msl->heap;
}

int
edu_dma_map(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len)
{
	struct edu_range range, conflict = {0};
	struct edu_dev *edu;
	int ret;

	ret = prepare(pci, addr, &iova, len, &edu, &range);
	if (ret == -ENODEV)
		ret = -EINVAL;
	if (ret == 0 && is_implicit(&range)) {
		conflict = range;
		ret = -EEXIST;
	}
	if (ret == 0)
		ret = edu_table_map(&edu->table, &range, iova, &conflict);
	if (ret == 0)
		return 0;
	EDU_LOG(WARNING, "%s: cannot map 0x%zx bytes at %p: %s", pci->name, len, addr,
		strerror(-ret));
	if (ret == -EEXIST)
		EDU_LOG(WARNING, "%s: it conflicts with 0x%zx bytes at 0x%" PRIxPTR,
			pci->name, conflict.len, conflict.start);
	else if (ret == -ENOMEM)
		EDU_LOG(WARNING, "%s: 0x%zx bytes of 256 MiB are free; see also ulimit -l",
			pci->name, edu_hw_left());
	return fail(ret);
}

int
edu_dma_unmap(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len)
{
	struct edu_range range, conflict = {0};
	struct edu_dev *edu;
	int ret;

	ret = prepare(pci, addr, &iova, len, &edu, &range);
	if (ret == -ENODEV) /* closed, which has ended all its mappings */
		return fail(-ENOENT);
	if (ret == 0)
		ret = edu_table_unmap(&edu->table, &range, iova, &conflict);
	if (ret == 0)
		return 0;
	EDU_LOG(WARNING, "%s: cannot unmap 0x%zx bytes at %p: %s", pci->name, len, addr,
		strerror(-ret));
	return fail(ret);
}
/* <<< callbacks */

/* >>> implicit */
/* Only memory that EAL allocates: registered external memory requires a dma_map. */
static bool
find_page(uintptr_t addr, struct edu_range *page)
{
	const void *va = (const void *)addr;
	struct rte_memseg_list *msl = rte_mem_virt2memseg_list(va);
	const struct rte_memseg *ms;
	size_t size;

	if (msl == NULL || !msl->heap)
		return false;
	ms = rte_mem_virt2memseg(va, msl);
	if (ms == NULL || ms->len == 0)
		return false;
	/* A page of 1 GiB exceeds the device's 256 MiB. */
	size = RTE_MIN(ms->len, (size_t)COVER_AT_ONCE);
	*page = (struct edu_range){RTE_ALIGN_FLOOR(addr, size), size};
	return true;
}

int
edu_dma_cover(struct edu_dev *edu, const struct edu_range *range)
{
	uintptr_t addr = range->start, left = range->len, n;
	struct edu_range page;
	int ret = 0;

	/* Held until the pages are in the table: one freed before would stay there. */
	rte_mcfg_mem_read_lock();
	while (left != 0 && ret == 0) {
		ret = find_page(addr, &page) ? edu_table_cover(&edu->table, &page) : -EFAULT;
		n = RTE_MIN(left, page.start + page.len - addr);
		addr += ret == 0 ? n : 0;
		left -= ret == 0 ? n : 0;
	}
	rte_mcfg_mem_read_unlock();
	return ret;
}

/* Called with EAL's memory lock held. */
static void
on_memory_event(enum rte_mem_event event, const void *addr, size_t len, void *arg)
{
	const struct edu_range range = {(uintptr_t)addr, len};
	struct edu_dev *edu = arg;

	if (event == RTE_MEM_EVENT_FREE)
		edu_table_forget(&edu->table, &range);
}
/* <<< implicit */

int
edu_dma_start(struct edu_dev *edu, const char *name)
{
	if (rte_mem_event_callback_register(name, on_memory_event, edu) == 0)
		return 0;
	/* Legacy memory is never freed, so there are no events. */
	return rte_errno == ENOTSUP ? 0 : -rte_errno;
}

void
edu_dma_stop(struct edu_dev *edu, const char *name)
{
	rte_mem_event_callback_unregister(name, edu);
}
