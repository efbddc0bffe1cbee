/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A buffer of a pool in a dma-buf, in which a frame is received where it is wanted, beside one of
 * a pool in memory of DPDK and a copy by the CPU to the other memory.
 */
#define main dmabuf_rx_main
int dmabuf_rx_main(int argc, char **argv);
#include "../../../examples/dmabuf_rx/dmabuf_rx.c"

#include <rte_memcpy.h>

#include "copies.h"

static const char *the_device;
static struct rte_mempool *pool, *gpu_pool;
static uint8_t *gpu;
static int fd;

static struct rte_mbuf *
in_place(size_t bytes)
{
	return rte_pktmbuf_alloc(gpu_pool);
}

static struct rte_mbuf *
copy(size_t bytes)
{
	struct rte_mbuf *frame = rte_pktmbuf_alloc(pool);

	if (frame != NULL)
		rte_memcpy(gpu, rte_pktmbuf_mtod(frame, void *), bytes);
	return frame;
}

static int
map_and_unmap(size_t bytes)
{
	struct pci_ext_memory memory = {.len = LEN, .is_dmabuf = 1, .fd = fd};
	int ret;

	memory.addr = mmap(NULL, LEN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory.addr == MAP_FAILED)
		return -errno;
	ret = memory_map(the_device, &memory);
	if (ret == 0)
		ret = memory_unmap(the_device, &memory);
	munmap(memory.addr, LEN);
	return ret;
}

int
copies_dmabuf_rx_open(const char *device, struct rte_mempool *packets)
{
	void *addr;

	fd = udmabuf_create(LEN);
	if (fd < 0)
		return fd;
	gpu = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	the_device = device;
	pool = packets;
	gpu_pool = create_pool(device, fd, LEN, &addr);
	return gpu == MAP_FAILED || gpu_pool == NULL ? -ENOMEM : 0;
}

const struct copies_row copies_dmabuf_rx[COPIES_ROWS] = {
	{"dmabuf_rx", 64, true, in_place, copy, NULL},
	{"dmabuf_rx", 1024, true, in_place, copy, NULL},
	{"dmabuf_rx", 1400, true, in_place, copy, NULL},
	{"dmabuf_rx", LEN, true, NULL, NULL, map_and_unmap},
};
