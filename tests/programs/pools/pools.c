/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pools.c - sets up the Rx queue of port 0 with mempools that DPDK makes, and with such that an
 * application has put together and that say what their mbufs do not have; and sends from one of
 * these, which has all that it takes. TAP.
 *
 * pools [EAL arguments]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>

#include "../check.h"
#include "tap.h"

#define MBUFS 511u
#define ROOM RTE_MBUF_DEFAULT_BUF_SIZE
#define QUEUE 64
#define PACKETS 32u

static struct rte_pktmbuf_pool_private *
private_of(struct rte_mempool *pool)
{
	return rte_mempool_get_priv(pool);
}

static struct rte_mempool *
plain(void)
{
	return rte_pktmbuf_pool_create("plain", MBUFS, 0, 0, ROOM, 0);
}

static struct rte_mempool *
pinned(void)
{
	struct rte_pktmbuf_extmem area = {.buf_len = (size_t)MBUFS * ROOM, .elt_size = ROOM};

	area.buf_ptr = rte_malloc("pools", area.buf_len, 0);
	area.buf_iova = rte_malloc_virt2iova(area.buf_ptr);
	return rte_pktmbuf_pool_create_extbuf("pinned", MBUFS, 0, 0, ROOM, 0, &area, 1);
}

/* The flag alone, so that its mbufs have no shinfo. */
static struct rte_mempool *
flagged(void)
{
	struct rte_mempool *pool = rte_pktmbuf_pool_create("flagged", MBUFS, 0, 0, ROOM, 0);

	if (pool != NULL)
		private_of(pool)->flags |= RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF;
	return pool;
}

/* Half of the memory that it tells of: a mistake in the size of the elements. */
static struct rte_mempool *
narrow(void)
{
	struct rte_pktmbuf_pool_private private = {.mbuf_data_room_size = ROOM};
	struct rte_mempool *pool = rte_mempool_create("narrow", MBUFS,
		sizeof(struct rte_mbuf) + ROOM / 2, 0, sizeof(private), NULL, NULL,
		NULL, NULL, 0, 0);

	if (pool == NULL)
		return NULL;
	*private_of(pool) = private;
	rte_mempool_obj_iter(pool, rte_pktmbuf_init, NULL);
	return pool;
}

/* A private area of which nothing is filled in: a data room of 0. */
static struct rte_mempool *
blank(void)
{
	return rte_mempool_create("blank", MBUFS, sizeof(struct rte_mbuf) + ROOM, 0,
		sizeof(struct rte_pktmbuf_pool_private), NULL, NULL, NULL, NULL, 0, 0);
}

/* No private area at all. */
static struct rte_mempool *
bare(void)
{
	return rte_mempool_create("bare", MBUFS, sizeof(struct rte_mbuf) + ROOM, 0, 0, NULL, NULL,
		NULL, NULL, 0, 0);
}

static const struct kind {
	const char *name;
	struct rte_mempool *(*create)(void);
	bool good;
} kinds[] = {
	{"a pool of mbufs", plain, true},
	{"a pool of pinned buffers", pinned, true},
	{"flagged as pinned, without shinfo", flagged, false},
	{"elements smaller than the data room", narrow, false},
	{"a private area that is not initialized", blank, false},
	{"no private area", bare, false},
	{"after these, a pool of mbufs again", plain, true},
};

/* The queue's buffers are posted, and freed. */
static int
start_and_stop(void)
{
	int ret = rte_eth_tx_queue_setup(0, 0, QUEUE, 0, NULL);

	if (ret == 0)
		ret = rte_eth_dev_start(0);
	if (ret == 0)
		ret = rte_eth_dev_stop(0);
	return ret;
}

static void
try_kind(const struct kind *kind)
{
	struct rte_mempool *pool = kind->create();
	int ret;

	check(pool != NULL, "a mempool");
	ret = rte_eth_rx_queue_setup(0, 0, QUEUE, 0, NULL, pool);
	tap_result((ret == 0) == kind->good, "%s: %s", kind->name, ret == 0 ? "0" : strerror(-ret));
	if (ret == 0)
		tap_result(start_and_stop() == 0 && rte_mempool_full(pool),
			"%s: all buffers return", kind->name);
	rte_mempool_free(pool);
}

/* Waits until the packets are sent and returned. */
static bool
returns_all(struct rte_mempool *pool)
{
	unsigned int i;

	for (i = 0; i < 10000 && !rte_mempool_full(pool); i++) {
		rte_eth_tx_done_cleanup(0, 0, 0);
		rte_delay_us_sleep(100);
	}
	return rte_mempool_full(pool);
}

/*
 * Its flags are what was in the memory (caladan, pull request 28): an mbuf is what its own flags
 * say. On a port that has been set up with another pool.
 */
static void
send_flagged(void)
{
	struct rte_mempool *pool = flagged(), *receiving = plain();
	struct rte_mbuf *pkts[PACKETS];
	struct rte_eth_stats stats;
	unsigned int i;

	check(pool != NULL && receiving != NULL, "a mempool");
	check(rte_eth_rx_queue_setup(0, 0, QUEUE, 0, NULL, receiving) == 0, "Rx queue");
	check(rte_eth_tx_queue_setup(0, 0, QUEUE, 0, NULL) == 0, "Tx queue");
	check(rte_eth_dev_start(0) == 0, "start");
	for (i = 0; i < PACKETS; i++) {
		pkts[i] = rte_pktmbuf_alloc(pool);
		check(pkts[i] != NULL, "mbuf");
		memset(rte_pktmbuf_append(pkts[i], 64), 0xff, 64);
	}
	tap_result(rte_eth_tx_burst(0, 0, pkts, PACKETS) == PACKETS && returns_all(pool),
		"flagged as pinned: its mbufs are sent, and return");
	check(rte_eth_stats_get(0, &stats) == 0, "rte_eth_stats_get");
	tap_result(stats.opackets == PACKETS && stats.oerrors == 0, "flagged as pinned: %" PRIu64
		" sent, %" PRIu64 " errors", stats.opackets, stats.oerrors);
	rte_eth_dev_stop(0);
	rte_mempool_free(pool);
}

int
main(int argc, char **argv)
{
	const struct rte_eth_conf conf = {0};
	unsigned int i;

	check(rte_eal_init(argc, argv) >= 0, "rte_eal_init");
	check(rte_eth_dev_configure(0, 1, 1, &conf) == 0, "rte_eth_dev_configure");
	for (i = 0; i < RTE_DIM(kinds); i++)
		try_kind(&kinds[i]);
	send_flagged();
	rte_eth_dev_close(0);
	return tap_done() ? EXIT_SUCCESS : EXIT_FAILURE;
}
