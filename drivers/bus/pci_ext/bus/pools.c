/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pools: owns the list of the pools in doubt, under a lock that is held over no call but of the
 * list. An entry has a copy of all that its line reports, as a pool may be freed at any time: its
 * address is only compared.
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include <bsd/string.h>
#include <bsd/sys/queue.h>

#include <rte_alarm.h>
#include <rte_common.h>
#include <rte_errno.h>
#include <rte_mempool.h>

#include "backend/container.h"
#include "common/log.h"
#include "common/memory.h"
#include "bus/pools.h"

PCI_EXT_LOG_REGISTER(pools)

#define LOOK_AFTER_US 1000000

struct doubt {
	const struct rte_mempool *pool;
	char name[RTE_MEMPOOL_NAMESIZE];
	uint64_t addr; /* its first chunk that was unknown */
	uint64_t len;
	LIST_ENTRY(doubt) next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static LIST_HEAD(, doubt) doubts = LIST_HEAD_INITIALIZER(doubts);

/* Removes and returns the entry of a pool, or NULL. */
static struct doubt *
take(const struct rte_mempool *pool)
{
	struct doubt *doubt;

	pthread_mutex_lock(&lock);
	LIST_FOREACH (doubt, &doubts, next)
		if (doubt->pool == pool)
			break;
	if (doubt != NULL)
		LIST_REMOVE(doubt, next);
	pthread_mutex_unlock(&lock);
	return doubt;
}

static bool
has_iommu(void)
{
	int fd = pci_ext_container_find();

	return fd < 0 || !pci_ext_container_is_noiommu(fd);
}

static void
look(void *pool)
{
	struct doubt *doubt = take(pool);

	if (doubt != NULL && pci_ext_memory_is_unknown(doubt->addr, doubt->len) && has_iommu())
		PCI_EXT_LOG(pools, WARNING,
			"mempool '%s': its 0x%" PRIx64 " bytes at 0x%" PRIx64 " are unknown to "
			"EAL, and no device on VFIO can access them: rte_extmem_register() them, "
			"in whole pages, and rte_dev_dma_map() them",
			doubt->name, doubt->len, doubt->addr);
	free(doubt);
}

static void
find_unknown(struct rte_mempool *pool, void *arg, struct rte_mempool_memhdr *chunk, unsigned int i)
{
	struct doubt *doubt = arg;

	if (doubt->len != 0 || chunk->len == 0 ||
		!pci_ext_memory_is_unknown((uintptr_t)chunk->addr, chunk->len))
		return;
	doubt->addr = (uintptr_t)chunk->addr;
	doubt->len = chunk->len;
}

static void
add(struct rte_mempool *pool)
{
	struct doubt *doubt = calloc(1, sizeof(*doubt));

	if (doubt == NULL)
		return;
	rte_mempool_mem_iter(pool, find_unknown, doubt);
	if (doubt->len == 0 || rte_eal_alarm_set(LOOK_AFTER_US, look, pool) != 0) {
		free(doubt);
		return;
	}
	doubt->pool = pool;
	strlcpy(doubt->name, pool->name, sizeof(doubt->name));
	pthread_mutex_lock(&lock);
	LIST_INSERT_HEAD(&doubts, doubt, next);
	pthread_mutex_unlock(&lock);
}

static void
handle_event(enum rte_mempool_event event, struct rte_mempool *pool, void *arg)
{
	if (event == RTE_MEMPOOL_EVENT_DESTROY)
		free(take(pool));
	else if (!(pool->flags & RTE_MEMPOOL_F_NON_IO))
		add(pool);
}

void
pci_ext_pools_watch(void)
{
	if (rte_mempool_event_callback_register(handle_event, NULL) != 0 && rte_errno != EEXIST)
		PCI_EXT_LOG(pools, WARNING, "mempools that VFIO cannot access go unnoticed: %s",
			rte_strerror(rte_errno));
}
