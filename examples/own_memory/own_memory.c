/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory that DPDK does not own, mapped for a port and unmapped again: own_memory [EAL arguments]
 * Exit status 0 if port 0 has mapped it. doc/quickstart.rst shows the main part.
 *
 * Build: cc -DALLOW_EXPERIMENTAL_API own_memory.c $(pkg-config --cflags --libs libdpdk)
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_memory.h>

/* >>> use */
static int
use_own_memory(uint16_t port, void *addr, size_t len, size_t page_size)
{
	uint64_t iova = (uintptr_t)addr; /* IOVA mode VA */
	struct rte_eth_dev_info info;

	if (rte_eth_dev_info_get(port, &info) != 0)
		return -ENODEV;
	if (rte_extmem_register(addr, len, NULL, 0, page_size) != 0)
		return -rte_errno;
	if (rte_dev_dma_map(info.device, addr, iova, len) != 0)
		return -rte_errno;
	/* rte_pktmbuf_pool_create_extbuf(), queues, traffic, rte_eth_dev_stop() ... */
	if (rte_dev_dma_unmap(info.device, addr, iova, len) != 0)
		return -rte_errno; /* EBUSY: a queue still owns buffers there */
	return rte_extmem_unregister(addr, len) == 0 ? 0 : -rte_errno;
}
/* <<< use */

int
main(int argc, char **argv)
{
	const size_t len = 2 << 20;
	void *addr = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int ret;

	if (addr == MAP_FAILED || rte_eal_init(argc, argv) < 0)
		return 1;
	ret = use_own_memory(0, addr, len, 4096);
	if (ret != 0)
		fprintf(stderr, "port 0: %s\n", rte_strerror(-ret));
	return rte_eal_cleanup() != 0 || ret != 0;
}
