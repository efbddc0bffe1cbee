/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A library to preload into dmamap-demo: the call named by LIE, "map" or "unmap", returns success
 * without an effect. The demo has to detect that.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <rte_dev.h>

typedef int (*dma_call)(struct rte_device *dev, void *addr, uint64_t iova, size_t len);

static int
call_or_lie(const char *lie, const char *name, struct rte_device *dev, void *addr, uint64_t iova,
	size_t len)
{
	const char *wanted = getenv("LIE");
	dma_call real;

	if (wanted != NULL && strcmp(wanted, lie) == 0)
		return 0;
	real = (dma_call)(uintptr_t)dlsym(RTLD_NEXT, name);
	return real(dev, addr, iova, len);
}

int
rte_dev_dma_map(struct rte_device *dev, void *addr, uint64_t iova, size_t len)
{
	return call_or_lie("map", "rte_dev_dma_map", dev, addr, iova, len);
}

int
rte_dev_dma_unmap(struct rte_device *dev, void *addr, uint64_t iova, size_t len)
{
	return call_or_lie("unmap", "rte_dev_dma_unmap", dev, addr, iova, len);
}
