/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cost.c - the cost of a packet in rte_eth_tx_burst() and rte_eth_rx_burst(), including the free
 * and allocation of mbufs, port by port on the software HCA in step mode: the device works between
 * bursts. Each kind of burst is called through its own function, cost_N, where N is the number of
 * the row: callgrind's inclusive count of that function, divided by the row's packets, is the
 * number of instructions. Cycles are the median of the row's bursts.
 *
 * cost [EAL arguments] -- [ROUNDS [KIND]] KIND: only that one, by its number
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <rte_cycles.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#define BURST 32u
#define WARM_UP 64u
/* Until all of thousands of buffers have been used, and implicit registration is complete. */
#define LONG_WARM_UP 2048u
#define MAX_ROUNDS 4096u
#define DESC 512
/* External buffers: each 2 KiB, spread over the mappings. */
#define EXT_BUFFERS 4096u
#define EXT_SIZE 2048u

struct kind {
	uint16_t len;
	uint16_t segments;
	bool fast_free;
	unsigned int mappings;	/* 0: memory of the mempool */
	uint16_t burst;		/* packets; 0: polls without any, each counted as one */
};

/* The last one has the most mappings. */
static const struct kind kinds[] = {
	{64, 1, false, 0, BURST}, {64, 1, true, 0, BURST},
	{1500, 1, false, 0, BURST}, {1500, 1, true, 0, BURST},
	{64, 3, false, 0, BURST}, {64, 3, true, 0, BURST},
	{1500, 3, false, 0, BURST}, {1500, 3, true, 0, BURST},
	{64, 1, false, 0, 1}, {64, 1, false, 0, 0},
	{64, 1, false, 1, BURST}, {64, 1, false, 16, BURST}, {64, 1, false, 4096, BURST},
};

typedef uint16_t (*burst_t)(uint16_t port, struct rte_mbuf **pkts, uint16_t n);
typedef uint16_t (*row_t)(burst_t burst, uint16_t port, struct rte_mbuf **pkts, uint16_t n);

/* One function per row, each different enough not to be merged with the others. */
#define ROW(n) \
	static __attribute__((noinline)) uint16_t \
	cost_##n(burst_t burst, uint16_t port, struct rte_mbuf **pkts, uint16_t count) \
	{ \
		__asm__ volatile("" : : "i"(n)); \
		return burst(port, pkts, count); \
	}
#define NAME(n) cost_##n,
#define TEN(m, t) m(t##0) m(t##1) m(t##2) m(t##3) m(t##4) m(t##5) m(t##6) m(t##7) m(t##8) m(t##9)
#define ALL(m) TEN(m, 10) TEN(m, 11) TEN(m, 12) TEN(m, 13) TEN(m, 14) TEN(m, 15) TEN(m, 16) TEN(m, 17) \
	TEN(m, 18) TEN(m, 19) TEN(m, 110)
ALL(ROW)
static const row_t rows[] = {ALL(NAME)};

static void (*step)(void);
static struct rte_mempool *large, *small, *heads;
static struct rte_mbuf *external[EXT_BUFFERS];
static struct rte_mbuf_ext_shared_info shared[EXT_BUFFERS];
static uint8_t *area;
static unsigned int next_row, rounds = 256, warm_up;
static uint64_t random_state = 88172645463325252;

static uint16_t
send_burst(uint16_t port, struct rte_mbuf **pkts, uint16_t n)
{
	return rte_eth_tx_burst(port, 0, pkts, n);
}

static uint16_t
receive_burst(uint16_t port, struct rte_mbuf **pkts, uint16_t n)
{
	return rte_eth_rx_burst(port, 0, pkts, n);
}

static int
failed(const char *what, int ret)
{
	fprintf(stderr, "cost: %s: %s\n", what, rte_strerror(ret < 0 ? -ret : rte_errno));
	return -1;
}

static uint64_t
next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static void
never(void *addr, void *opaque)
{
}

/* The area for external buffers, registered with EAL; the mbufs that they are attached to. */
static int
make_external(void)
{
	size_t size = (size_t)EXT_BUFFERS * EXT_SIZE;
	unsigned int i;

	area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED || rte_extmem_register(area, size, NULL, 0, 4096) != 0)
		return failed("external memory", 0);
	if (rte_pktmbuf_alloc_bulk(heads, external, EXT_BUFFERS) != 0)
		return failed("mbufs", -ENOMEM);
	for (i = 0; i < EXT_BUFFERS; i++) {
		shared[i] = (struct rte_mbuf_ext_shared_info){.free_cb = never, .refcnt = 1};
		rte_pktmbuf_attach_extbuf(external[i], &area[i * EXT_SIZE], i * EXT_SIZE, EXT_SIZE,
			&shared[i]);
	}
	return 0;
}

/* Maps the area in n mappings, or unmaps it. */
static int
map_external(uint16_t port, unsigned int n, bool map)
{
	size_t size = (size_t)EXT_BUFFERS * EXT_SIZE / RTE_MAX(n, 1u);
	struct rte_eth_dev_info info;
	unsigned int i;
	uint8_t *at;
	int ret;

	if (rte_eth_dev_info_get(port, &info) != 0)
		return failed("info", 0);
	for (i = 0; i < n; i++) {
		at = &area[i * size];
		ret = map ? rte_dev_dma_map(info.device, at, (uintptr_t)at, size) :
			rte_dev_dma_unmap(info.device, at, (uintptr_t)at, size);
		if (ret != 0)
			return failed(map ? "map" : "unmap", 0);
	}
	return 0;
}

static void
write_frame(uint8_t *to, uint16_t len)
{
	memset(to, 0, len);
	to[0] = 2;
	to[12] = 0x88;
	to[13] = 0xb5;
}

/* A chain of nearly equal segments, or one buffer. */
static struct rte_mbuf *
make_packet(const struct kind *kind)
{
	uint16_t i, len = kind->len / kind->segments, first = kind->len - len * (kind->segments - 1);
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(large), *seg;

	write_frame((uint8_t *)rte_pktmbuf_append(pkt, first), first);
	for (i = 1; i < kind->segments; i++) {
		seg = rte_pktmbuf_alloc(large);
		rte_pktmbuf_append(seg, len);
		rte_pktmbuf_chain(pkt, seg);
	}
	return pkt;
}

/* Holds a reference, so that it is still attached when the driver has freed it. */
static struct rte_mbuf *
pick_external(const struct kind *kind)
{
	struct rte_mbuf *pkt;

	do {
		pkt = external[next_random() % EXT_BUFFERS];
	} while (rte_mbuf_refcnt_read(pkt) != 1);
	rte_mbuf_refcnt_set(pkt, 2);
	pkt->data_off = 0;
	pkt->data_len = pkt->pkt_len = kind->len;
	write_frame(rte_pktmbuf_mtod(pkt, uint8_t *), 14);
	return pkt;
}

static int
by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

struct row {
	unsigned int number;
	uint64_t cycles[MAX_ROUNDS];
};

static uint16_t
measure(struct row *row, unsigned int round, burst_t burst, uint16_t port, struct rte_mbuf **pkts,
	uint16_t count)
{
	uint64_t before = rte_rdtsc();
	uint16_t n;

	if (round < warm_up)
		return burst(port, pkts, count);
	n = rows[row->number](burst, port, pkts, count);
	row->cycles[round - warm_up] = rte_rdtsc() - before;
	return n;
}

static void
print_row(struct row *row, const char *op, uint16_t port, const struct kind *kind)
{
	unsigned int n = RTE_MAX(kind->burst, 1u);

	qsort(row->cycles, rounds, sizeof(row->cycles[0]), by_value);
	printf("{\"row\":\"cost_1%02u\",\"op\":\"%s\",\"port\":%u,\"bytes\":%u,\"segments\":%u,"
		"\"fast_free\":%s,\"mappings\":%u,\"burst\":%u,\"packets\":%u,\"cycles\":%.1f}\n",
		row->number, op, port, kind->len, kind->segments,
		kind->fast_free ? "true" : "false", kind->mappings, kind->burst, rounds * n,
		(double)row->cycles[rounds / 2] / n);
}

/* Rounds of send, device, receive. All sent packets come back. */
static int
run_rounds(uint16_t port, const struct kind *kind, struct row *tx, struct row *rx)
{
	struct rte_mbuf *pkts[BURST];
	unsigned int round, i;

	warm_up = kind->mappings > 1 ? LONG_WARM_UP : WARM_UP;
	for (round = 0; round < warm_up + rounds; round++) {
		for (i = 0; i < kind->burst; i++)
			pkts[i] = kind->mappings != 0 ? pick_external(kind) : make_packet(kind);
		if (kind->burst != 0 &&
				measure(tx, round, send_burst, port, pkts, kind->burst) != kind->burst)
			return failed("send", -EIO);
		step();
		if (measure(rx, round, receive_burst, port, pkts, BURST) != kind->burst)
			return failed("receive", -EIO);
		for (i = 0; i < kind->burst && pkts[i]->pkt_len == kind->len; i++)
			rte_pktmbuf_free(pkts[i]);
		if (i != kind->burst)
			return failed("wrong length of a frame", -EIO);
	}
	return 0;
}

static int
start_port(uint16_t port, const struct kind *kind)
{
	bool chains = kind->segments > 1;
	struct rte_eth_conf conf = {
		.rxmode.offloads = chains ? RTE_ETH_RX_OFFLOAD_SCATTER : 0,
		.txmode.offloads = (chains ? RTE_ETH_TX_OFFLOAD_MULTI_SEGS : 0) |
			(kind->fast_free ? RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE : 0),
	};
	int ret;

	ret = rte_eth_dev_configure(port, 1, 1, &conf);
	if (ret == 0)
		ret = rte_eth_rx_queue_setup(port, 0, DESC, 0, NULL, chains ? small : large);
	if (ret == 0)
		ret = rte_eth_tx_queue_setup(port, 0, DESC, 0, NULL);
	if (ret == 0)
		ret = rte_eth_dev_start(port);
	if (ret == 0)
		ret = rte_eth_promiscuous_enable(port);
	return ret == 0 ? 0 : failed("start", ret);
}

static int
run_kind(uint16_t port, const struct kind *kind)
{
	static struct row tx, rx;
	int ret;

	tx.number = next_row++;
	rx.number = next_row++;
	ret = start_port(port, kind);
	if (ret == 0)
		ret = map_external(port, kind->mappings, true);
	if (ret == 0)
		ret = run_rounds(port, kind, &tx, &rx);
	if (ret != 0)
		return ret;
	if (kind->burst != 0)
		print_row(&tx, "tx", port, kind);
	/* Rx is the same for all ways of sending. */
	if (!kind->fast_free && kind->mappings == 0)
		print_row(&rx, "rx", port, kind);
	rte_eth_dev_stop(port);
	/* The last mappings end with the port, since thousands of unmaps take net_mlx5 minutes. */
	return kind == &kinds[RTE_DIM(kinds) - 1] ? 0 : map_external(port, kind->mappings, false);
}

static int
make_pools(void)
{
	large = rte_pktmbuf_pool_create("large", 16383, 256, 0, RTE_PKTMBUF_HEADROOM + 2048, 0);
	small = rte_pktmbuf_pool_create("small", 8191, 256, 0, RTE_PKTMBUF_HEADROOM + 512, 0);
	heads = rte_pktmbuf_pool_create("heads", EXT_BUFFERS, 0, 0, 0, 0);
	return large != NULL && small != NULL && heads != NULL ? 0 : failed("pools", 0);
}

int
main(int argc, char **argv)
{
	int n = rte_eal_init(argc, argv);
	unsigned int i, first = 0, last = RTE_DIM(kinds) - 1;
	uint16_t port;

	if (n < 0)
		return EXIT_FAILURE;
	if (argc > n + 1)
		rounds = RTE_MIN(RTE_MAX(strtoul(argv[n + 1], NULL, 10), 1ul), MAX_ROUNDS);
	if (argc > n + 2)
		first = last = RTE_MIN(strtoul(argv[n + 2], NULL, 10), last);
	step = (void (*)(void))(uintptr_t)dlsym(RTLD_DEFAULT, "softhca_step");
	if (step == NULL) {
		fprintf(stderr, "cost: requires the software HCA (./run bench cost)\n");
		return EXIT_FAILURE;
	}
	if (make_pools() != 0 || make_external() != 0)
		return EXIT_FAILURE;
	RTE_ETH_FOREACH_DEV(port)
		for (i = first; i <= last; i++)
			if (run_kind(port, &kinds[i]) != 0)
				return EXIT_FAILURE;
	RTE_ETH_FOREACH_DEV(port)
		rte_eth_dev_close(port);
	return EXIT_SUCCESS;
}
