/* SPDX-License-Identifier: BSD-3-Clause */
/* dma: the callbacks that DPDK calls to map and unmap; the only place that sets rte_errno. */
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include <rte_bus_pci.h>
#include <rte_common.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>

#include <bus_pci_driver.h>

#include "pages.h"
#include "port.h"

#define PORTS 32

struct port {
	const struct rte_pci_device *pci; /* NULL: free */
	struct vfio_pages_port pages;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of all below, and of pages.c */
static struct port ports[PORTS];

/* Under the lock; pci may be NULL. */
static struct port *
find(const struct rte_pci_device *pci)
{
	unsigned int i;

	for (i = 0; i < PORTS; i++)
		if (ports[i].pci == pci)
			return &ports[i];
	return NULL;
}

int
vfio_pages_open(const struct rte_pci_device *pci)
{
	struct port *port;

	pthread_mutex_lock(&lock);
	port = find(NULL);
	if (port != NULL)
		port->pci = pci;
	pthread_mutex_unlock(&lock);
	return port == NULL ? -ENOSPC : 0;
}

void
vfio_pages_close(const struct rte_pci_device *pci)
{
	struct port *port;

	pthread_mutex_lock(&lock);
	port = find(pci);
	if (port != NULL) {
		vfio_pages_end(&port->pages);
		port->pci = NULL;
	}
	pthread_mutex_unlock(&lock);
}

/* >>> dma */
static int
fail(int ret)
{
	rte_errno = -ret;
	return ret;
}

/* Checks what both calls are given. 0 or -errno. */
static int
prepare(void *addr, uint64_t iova, size_t len, struct vfio_pages_range *range)
{
	const uint64_t page = sysconf(_SC_PAGESIZE);

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	*range = (struct vfio_pages_range){(uintptr_t)addr, iova, len};
	if (rte_eal_iova_mode() == RTE_IOVA_VA && (iova == 0 || iova == RTE_BAD_IOVA))
		range->iova = range->addr;
	if (len == 0 || len - 1 > UINTPTR_MAX - range->addr || len - 1 > UINT64_MAX - range->iova)
		return -EINVAL;
	return (range->addr ^ range->iova) % page == 0 ? 0 : -EINVAL;
}

/* closed: the result if the device has no port. */
static int
change(const struct rte_pci_device *pci, const struct vfio_pages_range *range,
	int (*call)(struct vfio_pages_port *port, const struct vfio_pages_range *range), int closed)
{
	struct port *port;
	int ret;

	pthread_mutex_lock(&lock);
	port = find(pci);
	ret = port == NULL ? closed : call(&port->pages, range);
	pthread_mutex_unlock(&lock);
	return ret;
}

int
vfio_pages_dma_map(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len)
{
	struct vfio_pages_range range;
	int ret = prepare(addr, iova, len, &range);

	if (ret == 0)
		ret = change(pci, &range, vfio_pages_map, -EINVAL);
	return ret == 0 ? 0 : fail(ret);
}
/* <<< dma */

int
vfio_pages_dma_unmap(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len)
{
	struct vfio_pages_range range;
	int ret = prepare(addr, iova, len, &range);

	if (ret == 0)
		ret = change(pci, &range, vfio_pages_unmap, -ENOENT);
	return ret == 0 ? 0 : fail(ret);
}
