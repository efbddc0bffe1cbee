/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A port that is not stopped: it receives into application memory until packets have arrived; then
 * the process ends, or the device is removed first, under traffic. And the sender. For the lab:
 *	left_running [EAL arguments] -- DEVICE send		a packet each millisecond, until SIGTERM
 *	left_running [EAL arguments] -- DEVICE cleanup|remove
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#define PAGE	 4096
#define ELEMENT	 2048
#define MBUFS	 8192
#define RING	 4096 /* buffers for four seconds without a poll */
#define ENOUGH	 100  /* packets */
#define PATIENCE 60   /* seconds */

static int
complain(const char *what)
{
	printf("%s: %s\n", what, rte_strerror(rte_errno));
	return 1;
}

/* Page by page, so that unmapping all takes long enough for packets to arrive meanwhile. */
static int
map_pages(struct rte_device *dev, uint8_t *mem, size_t len)
{
	size_t at;

	for (at = 0; at < len; at += PAGE)
		if (rte_dev_dma_map(dev, mem + at, (uintptr_t)mem + at, PAGE) != 0)
			return -1;
	return 0;
}

/* A pool in memory that the device can access only by the map. */
static struct rte_mempool *
make_pool(struct rte_device *dev)
{
	const size_t len = (size_t)MBUFS * ELEMENT;
	void *mem = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct rte_pktmbuf_extmem ext = {mem, (uintptr_t)mem, len, ELEMENT};

	if (mem == MAP_FAILED || rte_extmem_register(mem, len, NULL, 0, PAGE) != 0 ||
		map_pages(dev, mem, len) != 0)
		return NULL;
	return rte_pktmbuf_pool_create_extbuf(
		"left", MBUFS, 0, 0, ELEMENT, rte_socket_id(), &ext, 1);
}

static int
start_port(uint16_t port, struct rte_mempool *pool, uint16_t ring)
{
	static const struct rte_eth_conf conf;
	int ret = rte_eth_dev_configure(port, 1, 1, &conf);

	if (ret == 0)
		ret = rte_eth_rx_queue_setup(port, 0, ring, 0, NULL, pool);
	if (ret == 0)
		ret = rte_eth_tx_queue_setup(port, 0, 256, 0, NULL);
	if (ret == 0)
		ret = rte_eth_dev_start(port);
	if (ret == 0)
		ret = rte_eth_promiscuous_enable(port);
	rte_errno = -ret;
	return ret;
}

/* Returns the number of received packets. */
static int
receive(uint16_t port)
{
	time_t end = time(NULL) + PATIENCE;
	struct rte_mbuf *mbufs[32];
	int n, total = 0;

	while (total < ENOUGH && time(NULL) < end) {
		n = rte_eth_rx_burst(port, 0, mbufs, 32);
		rte_pktmbuf_free_bulk(mbufs, n);
		total += n;
	}
	return total;
}

static volatile sig_atomic_t is_over;

static void
handle_signal(int number)
{
	is_over = 1;
}

static int
send_packets(uint16_t port)
{
	struct rte_mempool *pool =
		rte_pktmbuf_pool_create("send", 1023, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
	struct rte_mbuf *mbuf;
	char *data;

	if (pool == NULL || start_port(port, pool, 256) != 0)
		return complain("send");
	signal(SIGTERM, handle_signal);
	while (!is_over) {
		mbuf = rte_pktmbuf_alloc(pool);
		data = mbuf == NULL ? NULL : rte_pktmbuf_append(mbuf, RTE_ETHER_MIN_LEN);
		if (data != NULL)
			memset(data, 0xff, RTE_ETHER_MIN_LEN); /* broadcast */
		if (mbuf != NULL && rte_eth_tx_burst(port, 0, &mbuf, 1) == 0)
			rte_pktmbuf_free(mbuf);
		usleep(1000);
	}
	rte_eth_dev_stop(port);
	return rte_eal_cleanup();
}

int
main(int argc, char **argv)
{
	int args = rte_eal_init(argc, argv);
	struct rte_eth_dev_info info;
	struct rte_mempool *pool;
	uint16_t port;

	if (args < 0 || args + 2 >= argc)
		return 1;
	if (rte_eth_dev_get_port_by_name(argv[args + 1], &port) != 0 ||
		rte_eth_dev_info_get(port, &info) != 0)
		return complain(argv[args + 1]);
	if (strcmp(argv[args + 2], "send") == 0)
		return send_packets(port);
	pool = make_pool(info.device);
	if (pool == NULL)
		return complain("memory");
	if (start_port(port, pool, RING) != 0)
		return complain("start");
	printf("%d packets\n", receive(port));
	if (strcmp(argv[args + 2], "remove") == 0 && rte_dev_remove(info.device) != 0)
		return complain("remove");
	return rte_eal_cleanup();
}
