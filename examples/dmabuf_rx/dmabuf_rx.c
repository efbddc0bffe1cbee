/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets received into memory of a GPU, or of another device, that the CPU has no address of:
 * dmabuf_rx [EAL arguments], with a port that is looped to itself.
 *
 * Build: cc -D_GNU_SOURCE -DALLOW_EXPERIMENTAL_API -I../../app/common dmabuf_rx.c \
 *	../../app/common/udmabuf.c $(pkg-config --cflags --libs librte_bus_pci_ext)
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include <pci_ext.h>

#include "udmabuf.h"
#include "../common/memory.h"
#include "../common/port.h"

#define LEN ((size_t)4 << 20)
#define BUFFER 4096
#define FRAMES 100
#define SECONDS 10

/* >>> dmabuf */
/*
 * A pool of buffers in the dma-buf, for the device of that name, at addresses that nobody can read.
 * NULL: rte_errno. The caller may close fd then.
 */
static struct rte_mempool *
create_pool(const char *device, int fd, size_t len, void **addr)
{
	struct rte_pktmbuf_extmem area = {.buf_len = len, .elt_size = BUFFER};
	struct pci_ext_memory memory = {.len = len, .is_dmabuf = 1, .fd = fd}; /* iova: addr */
	struct rte_mempool *pool = NULL;

	*addr = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (*addr == MAP_FAILED)
		return NULL;
	memory.addr = area.buf_ptr = *addr;
	area.buf_iova = (uintptr_t)*addr;
	if (memory_map(device, &memory) == 0) {
		pool = rte_pktmbuf_pool_create_extbuf("gpu", len / BUFFER, 0, 0, BUFFER,
			SOCKET_ID_ANY, &area, 1);
		if (pool == NULL)
			memory_unmap(device, &memory);
	}
	if (pool == NULL)
		munmap(*addr, len);
	return pool;
}
/* <<< dmabuf */

/* From DPDK's own memory, to the port itself. */
static void
send_frame(uint16_t port, struct rte_mempool *pool, unsigned int number)
{
	struct rte_mbuf *frame = rte_pktmbuf_alloc(pool);
	struct rte_ether_hdr *header;

	if (frame == NULL)
		return;
	header = (struct rte_ether_hdr *)rte_pktmbuf_append(frame, 1024);
	memset(header, (int)number, 1024);
	rte_eth_macaddr_get(port, &header->dst_addr);
	header->src_addr = header->dst_addr;
	if (rte_eth_tx_burst(port, 0, &frame, 1) == 0)
		rte_pktmbuf_free(frame);
}

/*
 * One after the other. The mbuf tells where in the GPU's memory a frame is; what is there the GPU
 * looks at, for which gpu stands. Returns how many are as they were sent.
 */
static unsigned int
receive(uint16_t port, struct rte_mempool *pool, const void *addr, const uint8_t *gpu)
{
	const uint64_t end = rte_get_timer_cycles() + SECONDS * rte_get_timer_hz();
	unsigned int sent = 0, received = 0;
	struct rte_mbuf *frame;
	size_t offset;

	while (received < FRAMES && rte_get_timer_cycles() < end) {
		if (sent == received)
			send_frame(port, pool, ++sent);
		if (rte_eth_rx_burst(port, 0, &frame, 1) == 0)
			continue;
		offset = RTE_PTR_DIFF(rte_pktmbuf_mtod(frame, void *), addr);
		received += frame->pkt_len == 1024 && gpu[offset + 1023] == (uint8_t)sent;
		rte_pktmbuf_free(frame);
	}
	return received;
}

int
main(int argc, char **argv)
{
	struct rte_mempool *native, *pool = NULL;
	struct rte_eth_dev_info info;
	unsigned int n = 0;
	uint8_t *gpu;
	void *addr;
	int fd;

	if (rte_eal_init(argc, argv) < 0 || rte_eth_dev_info_get(0, &info) != 0)
		return 1;
	fd = udmabuf_create(LEN); /* in the place of what a GPU's library exports */
	if (fd < 0) {
		fprintf(stderr, "no dma-buf: %s\n", rte_strerror(-fd));
		return 1;
	}
	gpu = mmap(NULL, LEN, PROT_READ, MAP_SHARED, fd, 0);
	native = rte_pktmbuf_pool_create("native", 1023, 0, 0, 2048, SOCKET_ID_ANY);
	if (gpu != MAP_FAILED && native != NULL)
		pool = create_pool(rte_dev_name(info.device), fd, LEN, &addr);
	if (pool == NULL) {
		fprintf(stderr, "no pool in a dma-buf: %s\n", rte_strerror(rte_errno));
		return 1;
	}
	close(fd); /* the mapping keeps the memory */
	if (port_start(0, pool, 0))
		n = receive(0, native, addr, gpu);
	printf("%u of %u frames received into the dma-buf\n", n, FRAMES);
	rte_eth_dev_stop(0); /* no queue owns buffers there any more */
	if (memory_unmap(rte_dev_name(info.device),
			&(struct pci_ext_memory){.addr = addr, .len = LEN}) != 0)
		n = 0;
	rte_mempool_free(pool);
	return rte_eal_cleanup() != 0 || n != FRAMES;
}
